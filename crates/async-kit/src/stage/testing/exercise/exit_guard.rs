//! An answer that calls `std::process::exit` on the thread of its run does not count as solved.
//!
//! `std::process::exit(0)` in an answer would end the test process with success, before any test
//! has failed. The destructors of the thread that exits still run, and one of them reports it.

use std::{
    cell::Cell,
    io::{self, Write},
    process,
};

thread_local! {
    static GUARD: ExitGuard = const { ExitGuard { is_running: Cell::new(false) } };
}

/// Aborts the process if its thread ends while an answer runs.
pub(super) struct ExitGuard {
    is_running: Cell<bool>,
}

impl ExitGuard {
    /// Calls `run`, which runs an answer on this thread.
    pub(super) fn during<T>(run: impl FnOnce() -> T) -> T {
        let _running =
            Running { before: GUARD.with(|guard| guard.is_running.replace(true)) };
        run()
    }
}

/// An answer runs until this is dropped, by a panic too.
struct Running {
    before: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        GUARD.with(|guard| guard.is_running.set(self.before));
    }
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        if self.is_running.get() {
            // Not `eprintln!`: the output of a test is captured, and would be lost.
            let _ = io::stderr().write_all(EXITED.as_bytes());
            process::abort();
        }
    }
}

const EXITED: &str = "\nYour code ended the whole process with `std::process::exit`, so nothing was \
                      checked.\nReturn from the function instead.\n";
