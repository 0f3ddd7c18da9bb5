//! A line said by a run carries its time and its lane, and leaves a mark on the timeline.

use std::{fmt::Arguments, panic::Location};

use crate::stage::record::{Recorder, current_lane};

/// Prints a line with the time since the run began and the name of the lane it is said in.
///
/// Corresponds to `print` in an asyncio program. It takes the arguments of `println!`, and outside
/// any run it does the same.
///
/// # Examples
///
/// ```
/// use async_kit::{Transcript, say, virtual_time};
///
/// virtual_time(async {
///     let seen = Transcript::of(async { say!("produced {}", 1) }).await;
///     assert_eq!(seen.to_string(), "[  0.000s] produced 1\n");
/// });
/// ```
#[macro_export]
macro_rules! say {
    ($($line:tt)*) => {
        $crate::stage::say::line(::core::format_args!($($line)*))
    };
}

/// What [`say!`](crate::say) expands to. Each line of the text is said separately.
#[track_caller]
pub fn line(text: Arguments<'_>) {
    let (text, place) = (text.to_string(), Location::caller());
    let Some(recorder) = Recorder::current() else {
        println!("{text}");
        return;
    };
    // Not `lines`, which yields nothing for an empty text: that is one empty line.
    for line in text.split('\n') {
        recorder.said(current_lane(), line.trim_end_matches('\r'), place.into());
    }
}
