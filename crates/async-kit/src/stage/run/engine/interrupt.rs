//! The first Ctrl-C cancels a section. A second one ends the process, even if the section blocks.
//!
//! Only a section in real time is cancelled. In virtual time a run takes milliseconds.
//!
//! A thread waits for the signal, because a section that blocks its runtime must not keep Ctrl-C
//! from working.

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

use super::super::{exit_code::INTERRUPTED, notes::print_note};

/// How often the thread reads the flag: too short for a person to notice, and hardly any load.
pub(in crate::stage::run) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Static, because a signal is sent to the process and not to a section.
static PRESSED: LazyLock<watch::Receiver<bool>> = LazyLock::new(|| {
    let (press, pressed) = watch::channel(false);
    if let Ok(flag) = flag_for_ctrl_c() {
        let thread = thread::Builder::new().name("ctrl-c".to_owned());
        thread.spawn(move || handle_ctrl_c(&press, &flag)).expect("a thread for Ctrl-C");
    }
    pressed
});

/// Whether the reader is at the prompt. Then there is no section to stop.
static AT_PROMPT: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C cancels sections instead of ending the process.
pub(in crate::stage::run) fn listen() {
    LazyLock::force(&PRESSED);
}

/// Returns when Ctrl-C has been pressed.
pub(super) async fn pressed() {
    let mut pressed = PRESSED.clone();
    if pressed.wait_for(|pressed| *pressed).await.is_err() {
        // The signal cannot be caught, so Ctrl-C ends the process, as by default.
        pending().await
    }
}

/// Whether Ctrl-C has been pressed.
pub(in crate::stage::run) fn was_pressed() -> bool {
    *PRESSED.borrow()
}

/// Sets whether the reader is at the prompt.
pub(in crate::stage::run) fn at_prompt(at_prompt: bool) {
    AT_PROMPT.store(at_prompt, Relaxed);
}

fn flag_for_ctrl_c() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::default();
    flag::register(SIGINT, Arc::clone(&flag))?;
    Ok(flag)
}

fn handle_ctrl_c(press: &watch::Sender<bool>, flag: &AtomicBool) {
    wait_for_press(flag);
    let at_prompt = AT_PROMPT.load(Relaxed);
    press.send_replace(true);
    if !at_prompt {
        print_note("stopping:", "press Ctrl-C again to end immediately");
    }
    wait_for_press(flag);
    process::exit(INTERRUPTED);
}

fn wait_for_press(flag: &AtomicBool) {
    while !flag.swap(false, Relaxed) {
        thread::sleep(POLL_INTERVAL);
    }
}
