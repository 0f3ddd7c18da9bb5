//! Each right answer to an exercise passes its checks, and each wrong one is refused.

mod answer;
mod answers;
mod cargo;
mod chapters;
mod check;
mod class_report;
mod command;
mod compile_error;
mod crate_of_answers;
mod fingerprints;
mod learner;
mod missing_tables;
mod orphans;
mod pack;
mod pack_lock;
mod page;
mod role_check;
mod state_file;
mod tables;
mod terms;
mod test_process;
mod transcripts;
mod verify;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
