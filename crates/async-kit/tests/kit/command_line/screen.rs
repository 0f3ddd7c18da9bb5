//! A test can type into a chapter on a pseudo-terminal and read its screen.

use std::{fs::File, io::Write, os::fd::OwnedFd, process::Command};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

use super::support::{Finished, Lines, Running, chapter};

/// A running chapter on its own pseudo-terminal.
pub(crate) struct Screen {
    running: Running,
    keys: File,
    text: Lines,
}

impl Screen {
    /// Starts a chapter whose output is a terminal, and whose input is empty.
    pub(crate) fn read_only(
        columns: u16,
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut chapter = chapter(words);
        chapter.envs(variables.iter().copied());
        let (terminal, screen) = terminal(columns);
        chapter.stdout(screen);
        Self::start(chapter, terminal)
    }

    /// Starts a chapter whose standard error is a terminal, and whose output goes to a pipe.
    pub(crate) fn of_errors(columns: u16, words: &[&str]) -> Self {
        let mut chapter = chapter(words);
        let (terminal, screen) = terminal(columns);
        chapter.stderr(screen);
        Self::start(chapter, terminal)
    }

    /// Starts a chapter whose input and output are a terminal of 80 columns.
    pub(crate) fn open(words: &[&str]) -> Self {
        let mut chapter = chapter(words);
        let (terminal, screen) = terminal(80);
        chapter.stdin(screen.try_clone().expect("a second handle")).stdout(screen);
        Self::start(chapter, terminal)
    }

    fn start(chapter: Command, terminal: OwnedFd) -> Self {
        let running = Running::start(chapter);
        let keys = File::from(terminal.try_clone().expect("a second handle"));
        Self { running, keys, text: Lines::of(File::from(terminal), usize::MAX) }
    }

    /// Types a line and Enter.
    pub(crate) fn types(&mut self, line: &str) {
        self.presses(format!("{line}\n").as_bytes());
    }

    /// Types these bytes, without Enter.
    pub(crate) fn presses(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).expect("the terminal takes keys");
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupts(&self) {
        self.running.interrupt();
    }

    /// Waits for the prompt, and returns the output before it.
    #[track_caller]
    pub(crate) fn prompt(&mut self) -> String {
        self.text.wait_for("q quit");
        self.shown()
    }

    /// Waits for a line that ends with this.
    #[track_caller]
    pub(crate) fn waits_for(&mut self, last: &str) {
        self.text.wait_for(last);
    }

    /// Waits until standard error has a line that ends with this.
    #[track_caller]
    pub(crate) fn complains(&mut self, last: &str) {
        self.running.stderr.wait_for(last);
    }

    /// The output since the last call.
    fn shown(&mut self) -> String {
        without_colour(&self.text.take().replace("\r\n", "\n"))
    }

    /// Waits for the end of the chapter, and returns its output with its colours.
    #[track_caller]
    pub(crate) fn all(mut self) -> String {
        self.text.all().replace("\r\n", "\n")
    }

    /// Waits for the end of the chapter, and returns its output without colours.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        let rest = without_colour(&self.text.all().replace("\r\n", "\n"));
        let ran = self.running.finish();
        Finished { stdout: rest, ..ran }
    }
}

/// Makes a terminal of 50 rows. Returns the end of its keys and its text, and the end of the chapter.
fn terminal(columns: u16) -> (OwnedFd, File) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("the terminal that was just opened");
    unlockpt(&terminal).expect("the terminal that was just opened");
    let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&terminal, size).expect("a terminal has a size");
    let screen = other_end(&terminal);
    (terminal, screen)
}

fn other_end(terminal: &OwnedFd) -> File {
    let name = ptsname(terminal, Vec::new()).expect("a name");
    let name = name.into_string().expect("UTF-8");
    File::options().read(true).write(true).open(name).expect("its other end")
}

/// The text without its colours.
pub(crate) fn without_colour(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}
