//! The `main` of an exercise shows the run of the learner's answer.

use std::{fmt::Debug, process};

use super::{
    picture,
    run::{self, Run},
};

/// Runs a future in virtual time, and prints its lines, its timeline and its output.
///
/// This is for the `main` function of an exercise. The process ends with exit code 1 if the run
/// panics, or cannot go on.
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
pub fn show<F>(future: F)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
    print(run::in_virtual_time(future));
}

/// Like [`show`], in real time: for sockets, files and processes.
///
/// # Panics
///
/// When called inside a Tokio runtime.
pub fn show_in_real_time<F>(future: F)
where
    F: Future<Output: Debug + Send> + Send + 'static,
{
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
