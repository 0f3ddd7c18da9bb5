//! The `main` of an exercise shows the run of the learner's answer.

use std::{fmt::Debug, panic::Location, path::Path, process};

use super::{
    picture,
    run::{self, Run},
    unchanged::refuse_changed_checks,
};

/// Runs a future in virtual time, and prints its lines, its timeline and its output.
///
/// This is for the `main` function of an exercise. The process ends with exit code 1 if the run
/// panics, can never end or does too much (see [`observe`](super::observe())), and also if the checks
/// in the file of the caller were changed.
///
/// What the run prints with `println!` is neither counted nor recorded, and is printed before its
/// lines. A loop that calls `println!` without end is ended after about 7 s, by the watchdog of
/// [`virtual_time`](crate::virtual_time()). Until then it may print tens of megabytes.
///
/// # Examples
///
/// ```
/// use async_kit::{exercise, say};
///
/// async fn answer() -> u32 {
///     say!("thinking");
///     42
/// }
///
/// fn main() {
///     exercise::show(answer());
/// }
/// ```
///
/// # Panics
///
/// When called inside a Tokio runtime.
#[track_caller]
pub fn show<F>(future: F)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    refuse_changed_checks(Path::new(Location::caller().file()));
    print(run::in_virtual_time(future));
}

/// Like [`show`], in real time: for sockets, files and processes.
///
/// The times and the timeline differ from run to run; see
/// [`observe_in_real_time`](super::observe_in_real_time()). A run that has not ended after 20 s is
/// ended, and the process has exit code 1. If the run blocks its thread, the process ends after 22 s
/// with exit code 101, and shows no timeline.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::show_in_real_time;
/// use tokio::task::spawn_blocking;
///
/// fn main() {
///     show_in_real_time(async { spawn_blocking(|| 1 + 1).await.unwrap() });
/// }
/// ```
///
/// # Panics
///
/// When called inside a Tokio runtime.
#[track_caller]
pub fn show_in_real_time<F>(future: F)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    refuse_changed_checks(Path::new(Location::caller().file()));
    print(run::in_real_time(future));
}

fn print<T: Debug>(run: Run<T>) {
    print!("{}", picture::picture(&run.recording, picture::width()));
    match run.ended.map(|output| format!("{output:?}")) {
        // `()` contains nothing to show.
        Ok(output) if output == "()" => {}
        Ok(output) => print!("\n{}", picture::output(&output, picture::width())),
        Err(why) => {
            println!("\n{why}");
            process::exit(1);
        }
    }
}
