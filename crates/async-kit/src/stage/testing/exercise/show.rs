//! The `main` of an exercise shows the run of the learner's answer.

use std::{fmt::Debug, panic::Location, path::Path, process};

use super::{
    last_refusal, picture,
    run::{self, Run},
    terminal_width::width,
    unchanged::refuse_changed_checks,
};

/// Runs a future in virtual time, and prints its lines, its timeline and its output. If the checks of
/// this exercise have just refused the answer, it then repeats the first message, once.
///
/// asyncio's nearest is `asyncio.run`, and Tokio's is `#[tokio::main]`: both take real time, and show no
/// timeline.
///
/// This is for the `main` function of an exercise. The process ends with exit code 1 if the run
/// panics, can never end or does too much (see [`observe`](super::observe())), and also if the checks
/// in the file of the caller were changed.
///
/// What the run prints with `println!` is neither counted nor recorded, and is printed before its
/// lines. A loop that calls `println!` without end is ended after about 7 s, by the watchdog of
/// [`virtual_time`](crate::virtual_time()). Until then it may print tens of megabytes. A run that takes
/// 45 s of real time ends the process with exit code 101.
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
    let exercise = Path::new(Location::caller().file());
    refuse_changed_checks(exercise);
    print(run::in_virtual_time(future), exercise);
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
    let exercise = Path::new(Location::caller().file());
    refuse_changed_checks(exercise);
    print(run::in_real_time(future), exercise);
}

fn print<T: Debug>(run: Run<T>, exercise: &Path) {
    let width = width();
    print!("{}", picture::picture(&run.recording, width));
    let refusal = last_refusal::of(exercise);
    let ended = run.ended.map(|output| format!("{output:?}"));
    match &ended {
        // `()` contains nothing to show.
        Ok(output) if output == "()" => {}
        Ok(output) => print!("\n{}", picture::output(output, width)),
        // The refusal says it already.
        Err(why) if refusal.is_some_and(|it| it.contains(&why.to_string())) => {}
        Err(why) => println!("\n{why}"),
    }
    if let Some(refusal) = refusal {
        println!("\n   The first check that refuses this answer says:\n\n{refusal}");
    }
    if ended.is_err() {
        process::exit(1);
    }
}
