//! SIGTERM and Ctrl-C do not end a process that has a stream for them: the stream returns the signal.
//!
//! asyncio: `loop.add_signal_handler`, once per signal. Tokio: one stream for each kind of signal. Once
//! the stream is created, that signal does not end the process any more, even after the stream is
//! dropped.
#![cfg(not(target_family = "wasm"))]

use std::io;

#[cfg(unix)]
use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
};

/// Streams of SIGTERM and Ctrl-C.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal, and returns its name.
    pub(crate) async fn next(&mut self) -> &'static str {
        select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }
}

/// A stream of Ctrl-C; Windows has no SIGTERM.
#[cfg(windows)]
pub(crate) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for the next signal, and returns its name.
    pub(crate) async fn next(&mut self) -> &'static str {
        self.0.recv().await;
        "Ctrl-C"
    }
}
