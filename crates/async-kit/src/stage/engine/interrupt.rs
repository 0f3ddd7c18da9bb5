//! The first Ctrl-C stops a section, and a second one ends the process whatever the section does.
//!
//! A thread of its own listens: a section that blocks the runtime must not make its reader deaf.

use std::{
    future::{Future, pending},
    io,
    pin::Pin,
    process,
    sync::{LazyLock, mpsc},
    thread,
};

use futures::FutureExt;
use tokio::{runtime::Builder, signal, sync::watch};

use super::super::{out::tell, runner::INTERRUPTED};

/// Signals belong to the process, and so does this.
static PRESSED: LazyLock<watch::Receiver<bool>> = LazyLock::new(|| {
    let (press, pressed) = watch::channel(false);
    let (ready, is_ready) = mpsc::channel();
    let thread = thread::Builder::new().name("ctrl-c".to_owned());
    thread.spawn(move || serve(&press, &ready)).expect("a thread for Ctrl-C");
    // Whether it listens or cannot: from now on nothing changes.
    let _ = is_ready.recv();
    pressed
});

/// From now on Ctrl-C stops sections instead of ending the process.
pub(super) fn listen() {
    LazyLock::force(&PRESSED);
}

/// Ends when Ctrl-C has been pressed.
pub(super) async fn pressed() {
    let mut pressed = PRESSED.clone();
    if pressed.wait_for(|pressed| *pressed).await.is_err() {
        // Nobody listens, so Ctrl-C ends the process as it always did.
        pending().await
    }
}

fn serve(press: &watch::Sender<bool>, ready: &mpsc::Sender<()>) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a machine that runs this has threads and sockets");
    runtime.block_on(async {
        let first = armed();
        let _ = ready.send(());
        if first.await.is_err() {
            return;
        }
        let second = armed();
        press.send_replace(true);
        tell("stopping:", "press Ctrl-C again to end at once");
        if second.await.is_ok() {
            process::exit(INTERRUPTED);
        }
    });
}

type Press = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// The next Ctrl-C from this moment on: `ctrl_c` itself only counts from its first poll on.
fn armed() -> Press {
    let mut press: Press = Box::pin(signal::ctrl_c());
    match (&mut press).now_or_never() {
        Some(early) => Box::pin(async { early }),
        None => press,
    }
}
