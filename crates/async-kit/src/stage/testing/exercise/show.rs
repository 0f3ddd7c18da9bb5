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
/// panics or can never end, and also if the checks in the file of the caller were changed.
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
        Ok(output) => println!("\n   returned {output}"),
        Err(why) => {
            println!("\n{why}");
            process::exit(1);
        }
    }
}
