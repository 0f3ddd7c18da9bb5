//! A wrong answer to an exercise is refused with its likely mistake and its own timeline.
//!
//! | in an exercise | there is |
//! |---|---|
//! | run the answer of the learner, and record what it does | [`observe`] |
//! | assert what it did, and name the likely mistake | [`Observed`] |
//! | cancel it at every await | [`cancelled_everywhere`] |
//! | count values that are alive, as a leak or a full memory has them | [`Tally`] |
//! | show the answer in `main` | [`show`] |
//!
//! Nothing hangs: a run in virtual time that cannot continue is refused with the report of
//! [`virtual_time`](crate::virtual_time()). For sockets, files and processes there are
//! [`observe_in_real_time`] and [`show_in_real_time`], which end after 20 s.

mod cancelled;
mod exit_guard;
mod observe;
mod observed;
mod picture;
mod refusal;
mod side_by_side;
mod tally;

use std::{fmt::Debug, process};

use self::exit_guard::ExitGuard;
pub use self::{
    cancelled::cancelled_everywhere,
    observe::{observe, observe_in_real_time},
    observed::Observed,
    tally::{Counted, Tally},
};
use crate::stage::{record::Recorder, virtual_time::Failure};

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
    let recorder = Recorder::silent();
    let ended = ExitGuard::during(|| observe::run_in_virtual_time(&recorder, future));
    print(&recorder, ended);
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
    let recorder = Recorder::silent();
    let ended = ExitGuard::during(|| observe::run_in_real_time(&recorder, future));
    print(&recorder, ended);
}

fn print<T: Debug>(recorder: &Recorder, ended: Result<T, Failure>) {
    print!("{}", picture::picture(&recorder.recording(), picture::width()));
    match ended.map(|output| format!("{output:?}")) {
        // `()` contains nothing to show.
        Ok(output) if output == "()" => {}
        Ok(output) => println!("\n   returned {output}"),
        Err(failure) => {
            println!("\n{}", observe::reason(&failure));
            process::exit(1);
        }
    }
}
