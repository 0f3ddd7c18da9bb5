//! Each line of a run is written to standard output immediately. A closed pipe ends the run without
//! an error. If there are files to write, the run continues and prints nothing more.

use std::{
    io::{self, ErrorKind, Write},
    process,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{exit_code::FAILED, notes::print_error, page::Page, terminal::Stream};
use crate::stage::render::{columns::visible, hue::Hues};

/// Standard output during a run.
pub(super) struct Output {
    pub(super) page: Page,
    /// The number of rows of the terminal.
    height: Option<usize>,
    seen: Mutex<Seen>,
    /// Whether the run continues after the pipe is closed, because it has files to write.
    continues_unread: bool,
    unread: AtomicBool,
}

/// The rows of a heading, and of a prompt, each with an empty row.
const HEADING: usize = 2;
const PROMPT: usize = 3;

/// What a section has printed so far.
#[derive(Default)]
struct Seen {
    /// The number of rows of its lines.
    rows: usize,
    /// The colours of the lanes that have said a line.
    hues: Hues,
    /// The width of the column of their names.
    column: usize,
}

impl Output {
    pub(super) fn new(plain: bool, continues_unread: bool) -> Self {
        Self {
            page: Stream::Output.page(plain),
            height: Stream::Output.height(),
            seen: Mutex::default(),
            continues_unread,
            unread: AtomicBool::new(false),
        }
    }

    /// Begins a section: colours and columns are chosen again.
    pub(super) fn begin(&self) {
        *self.seen() = Seen::default();
    }

    /// Whether the section has printed a line.
    pub(super) fn has_said(&self) -> bool {
        self.seen().rows > 0
    }

    /// Whether the heading of the section has left the screen when `text` has been printed.
    pub(super) fn scrolls_with(&self, text: &str) -> bool {
        let rows = HEADING + self.seen().rows + text.lines().count() + PROMPT;
        self.height.is_some_and(|height| rows > height)
    }

    /// Prints one line of a run.
    pub(super) fn said(&self, at: Duration, lane: Option<&str>, text: &str) {
        let line = match lane {
            Some(name) if !self.page.plain => self.line_of(at, name, text),
            _ => self.page.line(at, lane.map(|name| (name, "")), 0, text),
        };
        self.print(&line);
        self.seen().rows += line.lines().count();
    }

    fn line_of(&self, at: Duration, name: &str, text: &str) -> String {
        let mut seen = self.seen();
        let hue = seen.hues.see(name);
        let name = visible(name);
        seen.column = seen.column.max(self.page.column(&name));
        self.page.line(at, Some((&name, hue)), seen.column, text)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints `text` unchanged.
    pub(super) fn print(&self, text: &str) {
        if self.unread.load(Relaxed) {
            return;
        }
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            // A closed pipe is not an error: the run may be piped into `head`.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                if !self.continues_unread {
                    process::exit(0);
                }
                self.unread.store(true, Relaxed);
            }
            Err(error) => {
                print_error(&format!("cannot write to standard output: {error}"));
                process::exit(FAILED);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heading of two rows, four rows of lines, two below them and a prompt of three are eleven.
    #[test]
    fn a_heading_leaves_the_screen_if_what_is_below_it_is_too_high() {
        let scrolls_on = |height| {
            let page = Page::new(false, false, Some(80));
            let seen = Mutex::new(Seen { rows: 4, ..Seen::default() });
            let unread = AtomicBool::new(false);
            let output = Output { page, height, seen, continues_unread: false, unread };
            output.scrolls_with("one\ntwo\n")
        };
        assert_eq!([None, Some(11), Some(10)].map(scrolls_on), [false, false, true]);
    }
}
