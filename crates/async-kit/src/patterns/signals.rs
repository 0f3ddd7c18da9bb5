//! SIGTERM and Ctrl-C do not end a process that listens for them: the next call returns the signal.

use std::io;

#[cfg(unix)]
use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
};

/// The signals that ask a process to end: SIGTERM and Ctrl-C. Windows has only Ctrl-C.
///
/// Corresponds to two calls of asyncio's `loop.add_signal_handler`. Tokio has a stream for each kind of
/// signal, and its `ctrl_c` listens only from its first poll on.
///
/// # Examples
///
/// ```
/// use async_kit::Signals;
///
/// # async fn work() {}
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut signals = Signals::listen()?; // before any work, so that no signal ends the process
/// tokio::select! {
///     () = work() => println!("done"),
///     signal = signals.next() => println!("{signal}: stopping"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[cfg(unix)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on. After this call the signals no longer end the process, even if the
    /// `Signals` is dropped.
    ///
    /// # Errors
    ///
    /// The error of the system, if it refuses a handler.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. The runtime needs I/O enabled.
    pub fn listen() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal, and returns its name: `SIGTERM` or `Ctrl-C`.
    ///
    /// A signal that came earlier, while no call waited, is returned immediately. If the same one came
    /// several times by then, it is returned once. If both came, `SIGTERM` is returned first.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a signal that comes during a dropped call is returned by the next one.
    pub async fn next(&mut self) -> &'static str {
        select! {
            biased;
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }
}

/// The signal that asks a process to end: Ctrl-C. Other systems than Windows also have SIGTERM.
#[derive(Debug)]
#[cfg(windows)]
pub struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Listens from now on. After this call Ctrl-C no longer ends the process, even if the `Signals` is
    /// dropped.
    ///
    /// # Errors
    ///
    /// The error of the system, if it refuses a handler.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for the next Ctrl-C, and returns its name: `Ctrl-C`.
    ///
    /// If it was pressed earlier, while no call waited, it is returned immediately, and only once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a Ctrl-C that comes during a dropped call is returned by the next one.
    pub async fn next(&mut self) -> &'static str {
        self.0.recv().await;
        "Ctrl-C"
    }
}
