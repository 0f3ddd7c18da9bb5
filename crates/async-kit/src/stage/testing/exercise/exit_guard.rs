//! An answer that ends the test process does not count as solved, whichever thread ends it.
//!
//! `std::process::exit(0)` in an answer would end the process with success, before any test has
//! failed. On Unix, `exit` calls a function of this file, on the thread that exits. If an answer runs
//! on any thread at that moment, the function explains it and aborts the process.
//!
//! Only the runs of this module are guarded: a check must call the learner's code inside one. Two more
//! cases are not noticed: a thread that the answer leaves running and that exits later, while no answer
//! runs; and every exit on other platforms, where `std::process::exit` calls no such function.

#[cfg(unix)]
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[cfg(unix)]
use crate::stage::last_resort;

/// How many answers run in this process: the test harness runs several tests at the same time.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// An answer runs until this is dropped, by a panic too.
#[must_use = "an answer counts as running only until this is dropped"]
pub(super) struct Running(());

impl Running {
    pub(super) fn start() -> Self {
        RUNNING.fetch_add(1, SeqCst);
        Self(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, SeqCst);
    }
}

#[cfg(unix)]
dtor::declarative::dtor! {
    #[dtor(unsafe, method = at_binary_exit)]
    fn refuse_an_exit() {
        // A watchdog also ends the process while an answer runs, after a report of its own.
        if RUNNING.load(SeqCst) > 0 && !last_resort::ends() {
            last_resort::print(EXITED);
            process::abort();
        }
    }
}

#[cfg(unix)]
const EXITED: &str = "\nYour code ended the whole process with `std::process::exit`, so nothing was \
                      checked.\nReturn from the function instead.\n";
