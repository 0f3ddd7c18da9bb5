//! A prompt waits for a line, for the end of the input, or for Ctrl-C, whichever comes first.

#[cfg(not(target_family = "wasm"))]
use std::{
    io::{self, BufRead},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
};

#[cfg(not(target_family = "wasm"))]
use super::engine::interrupt;

/// What a reader answered.
pub(super) enum Answer {
    /// A line. Bytes that are not UTF-8 are replaced by U+FFFD.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there is no terminal")
    )]
    Line(String),
    /// Ctrl-D, or the terminal is gone.
    End,
    /// Ctrl-C.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there are no signals")
    )]
    Interrupted,
}

/// Reads the answers of a reader.
pub(super) struct Prompt(());

#[cfg(not(target_family = "wasm"))]
impl Prompt {
    /// From now on Ctrl-C does not end the process: it is an answer.
    pub(super) fn open() -> Self {
        interrupt::listen();
        Self(())
    }

    pub(super) fn read(&self) -> Answer {
        interrupt::at_prompt(true);
        let answer = read_or_ctrl_c();
        interrupt::at_prompt(false);
        answer
    }
}

/// Reads on a separate thread, because a signal does not interrupt a read of the terminal.
#[cfg(not(target_family = "wasm"))]
fn read_or_ctrl_c() -> Answer {
    let (send, line) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut line = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut line).unwrap_or(0);
        // After Ctrl-C the receiver is gone, and the line is not needed.
        let _ = send.send((read > 0).then_some(line));
    });
    loop {
        if interrupt::was_pressed() {
            return Answer::Interrupted;
        }
        match line.recv_timeout(interrupt::POLL_INTERVAL) {
            Ok(Some(line)) => return Answer::Line(String::from_utf8_lossy(&line).into()),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(None) | Err(RecvTimeoutError::Disconnected) => return Answer::End,
        }
    }
}

/// WebAssembly has no terminal, and so no prompt.
#[cfg(target_family = "wasm")]
impl Prompt {
    pub(super) fn open() -> Self {
        Self(())
    }

    pub(super) fn read(&self) -> Answer {
        Answer::End
    }
}
