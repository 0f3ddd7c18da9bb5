//! A line said by a run carries its time and its lane, and leaves a mark on the timeline.

use std::fmt::Arguments;

use crate::stage::record::{Recorder, current_lane};

/// Prints a line with the time since the run began and the name of the lane it is said in.
///
/// Answers to a bare `print` in an asyncio program. Takes what `println!` takes. Outside any run
/// it is `println!`.
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

/// What [`say!`](crate::say) expands to. A text of several lines is said line by line.
pub fn line(text: Arguments<'_>) {
    let text = text.to_string();
    let Some(recorder) = Recorder::current() else {
        println!("{text}");
        return;
    };
    // An empty text is one empty line, which `lines` would swallow.
    for line in text.split('\n') {
        recorder.said(current_lane(), line.trim_end_matches('\r'));
    }
}
