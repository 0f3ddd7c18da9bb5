//! Every event of this chapter is a line of the stage, with its time and its lane.
//!
//! Only the writer is special: a program of your own has `tracing_subscriber::fmt::init()` here.

use std::io::{self, Write};

use async_kit::say;
use tracing::Subscriber;
use tracing_subscriber::fmt::{MakeWriter, fmt};

/// Installs the subscriber of this program.
pub(crate) fn init() {
    // Every test calls this, and the second finds it done.
    let _ = tracing::subscriber::set_global_default(lines_to(|| Stage));
}

/// Lines of text without what the stage adds or a test would not know beforehand.
pub(crate) fn lines_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt().without_time().with_target(false).with_ansi(false).with_writer(writer).finish()
}

/// A writer whose every line is said in the lane that logged it.
pub(crate) struct Stage;

impl Write for Stage {
    /// `fmt` writes an event whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        say!("{}", String::from_utf8_lossy(line).trim());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
