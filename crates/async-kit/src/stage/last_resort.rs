//! What ends the process is reported on standard error itself, which no test harness captures.

use std::{
    io::{self, Write},
    process,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

/// The exit code of a process that panicked: a stuck run panics, if it can.
const PANICKED: i32 = 101;

static ENDS: AtomicBool = AtomicBool::new(false);

/// Writes to standard error directly. The test harness captures what `eprintln!` writes, and shows
/// it when the test has ended; a stuck test may never end.
pub(in crate::stage) fn print(text: &str) {
    // If standard error is closed, the text is lost.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Ends the process as a panic of its main thread would.
pub(in crate::stage) fn end_process() -> ! {
    ENDS.store(true, SeqCst);
    process::exit(PANICKED)
}

/// Whether [`end_process`] was called.
#[cfg(all(feature = "test-util", unix))]
pub(in crate::stage) fn ends() -> bool {
    ENDS.load(SeqCst)
}
