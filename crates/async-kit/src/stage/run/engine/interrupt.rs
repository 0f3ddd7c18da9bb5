//! The first Ctrl-C stops a section, and a second one ends the process whatever the section does.
//!
//! A thread of its own listens: a section that blocks the runtime must not make its reader deaf.

use std::{
    future::pending,
    io, process,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use signal_hook::{consts::SIGINT, flag};
use tokio::sync::watch;

use super::super::{output::tell, runner::INTERRUPTED};

/// How often the thread looks: soon enough for a hand, and free of charge.
const GLANCE: Duration = Duration::from_millis(20);

/// Signals belong to the process, and so does this.
static PRESSED: LazyLock<watch::Receiver<bool>> = LazyLock::new(|| {
    let (press, pressed) = watch::channel(false);
    if let Ok(flag) = flag_for_ctrl_c() {
        let thread = thread::Builder::new().name("ctrl-c".to_owned());
        thread.spawn(move || serve(&press, &flag)).expect("a thread for Ctrl-C");
    }
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

fn flag_for_ctrl_c() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::default();
    flag::register(SIGINT, Arc::clone(&flag))?;
    Ok(flag)
}

fn serve(press: &watch::Sender<bool>, flag: &AtomicBool) {
    wait(flag);
    press.send_replace(true);
    tell("stopping:", "press Ctrl-C again to end at once");
    wait(flag);
    process::exit(INTERRUPTED);
}

fn wait(flag: &AtomicBool) {
    while !flag.swap(false, Relaxed) {
        thread::sleep(GLANCE);
    }
}
