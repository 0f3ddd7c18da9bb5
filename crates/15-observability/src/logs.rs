//! The events of `timed`, `spans`, `follow`, `held` and `json_lines` become lines of their section.
//!
//! `writer` and the tests write the same lines to other places. Only the writer is special: a
//! program of your own calls `tracing_subscriber::fmt().init()` instead.

use std::io::{self, Write};

use async_kit::say;
use tracing::Subscriber;
use tracing_subscriber::fmt::{MakeWriter, fmt};

/// Installs the subscriber of this program.
pub(crate) fn init() {
    // Several tests call this, and a second call fails because the subscriber is installed already.
    let _ = tracing::subscriber::set_global_default(lines_to(|| SayWriter));
}

/// Writes each event as a line of text, without the time, which `say!` adds, and without colours.
pub(crate) fn lines_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt().without_time().with_target(false).with_ansi(false).with_writer(writer).finish()
}

/// Passes each line to `say!`, which prints it with the time and the lane that logged it.
pub(crate) struct SayWriter;

impl Write for SayWriter {
    /// `fmt` writes each event with a single call, so `line` is complete.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        say!("{}", String::from_utf8_lossy(line).trim());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
