//! What an answer did is observed, or it is refused because it has no end.

use std::panic::Location;

use super::{
    observed::Observed,
    refusal::{Likely, refuse, refuse_with},
    run::{self, Run, Unfinished},
};
use crate::stage::testing::transcript::Transcript;

/// Runs an answer in virtual time, and records what it does.
///
/// asyncio has no counterpart: its tests assert values. [`virtual_time`](crate::virtual_time()) runs a
/// future in the same way, and records nothing.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Millis, exercise::observe};
/// use tokio::{join, time::sleep};
///
/// async fn two_fetches() -> u32 {
///     let fetch = async |name: &'static str| {
///         sleep(100.ms()).step("fetch").lane(name).await;
///         1
///     };
///     let (a, b) = join!(fetch("a"), fetch("b"));
///     a + b
/// }
///
/// observe(two_fetches())
///     .concurrently("fetch", 2, "The fetches run one after the other.")
///     .takes(100.ms(), "The second fetch waits for the first.")
///     .returns(2, "Add both results.");
/// ```
///
/// # Panics
///
/// - If the answer panics, can never end, prints more than 10,000 lines, or has more than 100,000
///   lines, lanes and steps: with the reason and the timeline.
/// - When called inside a Tokio runtime.
///
/// If the answer blocks its thread without end, no panic can end it: after about 7 s the process ends
/// with exit code 101. So it does after 45 s of real time if an endless run is not detected. If the
/// answer calls [`std::process::exit`], the process aborts (on Unix).
#[track_caller]
pub fn observe<F>(answer: F) -> Observed<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    observed(run::in_virtual_time(answer))
}

/// Like [`observe`], and names the likely mistake if the run never ends or does too much. A panic has
/// another cause, and is reported without it.
///
/// asyncio has no counterpart: there a stuck test waits until its timeout, which names no cause.
///
/// # Panics
///
/// As [`observe`].
#[track_caller]
pub fn observe_or<F>(answer: F, mistake: &str) -> Observed<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut run = run::in_virtual_time(answer);
    if let Err(Unfinished::Stuck(why)) = &mut run.ended {
        *why += &format!("\n\n{}", Likely(mistake));
    }
    observed(run)
}

/// Runs an answer in real time, for sockets, files and processes, and records what it does.
///
/// Assert only what every run repeats: the output, the order of the lines of one task, and limits,
/// such as [`never_more_than`](Observed::never_more_than). Times depend on the machine. So does the
/// order in which tasks and threads print that run at the same time, and how many of them are inside a
/// step.
///
/// asyncio has no counterpart: its tests assert values. `#[tokio::test]` runs a future in the same way,
/// without a limit, and records nothing.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::observe_in_real_time;
/// use tokio::task::spawn_blocking;
///
/// let sum = async { spawn_blocking(|| 1 + 1).await.unwrap() };
/// observe_in_real_time(sum).returns(2, "Add both numbers.");
/// ```
///
/// # Panics
///
/// - If the answer panics, has not ended with its releases after 20 s, prints more than 10,000 lines, or has more than
///   100,000 lines, lanes and steps: with the reason and the timeline.
/// - When called inside a Tokio runtime.
///
/// If the answer blocks its thread, no panic can end it: after 22 s the process ends with exit
/// code 101. If the answer calls [`std::process::exit`], the process aborts (on Unix).
#[track_caller]
pub fn observe_in_real_time<F>(answer: F) -> Observed<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    observed(run::in_real_time(answer))
}

#[track_caller]
fn observed<T>(run: Run<T>) -> Observed<T> {
    match run.ended {
        Ok(output) => {
            Observed { seen: Transcript::of_kept_events(run.recording), output }
        }
        // It names the place in the answer.
        Err(Unfinished::Panicked(why)) => {
            refuse_with(Location::caller(), &format!("{why}\n"), &run.recording)
        }
        Err(Unfinished::Stuck(why)) => refuse(&format!("{why}\n"), &run.recording),
    }
}
