//! What a run prints goes to standard output at once, and a closed pipe ends it quietly.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    process,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::line;

/// Standard output, as wide and as colourful as it can show.
pub(super) struct Out {
    pub(super) plain: bool,
    pub(super) color: bool,
    pub(super) width: usize,
    /// How wide the column of lane names is so far.
    column: Mutex<usize>,
}

/// A longer lane name pushes its own line to the right instead of everybody's.
const WIDEST_COLUMN: usize = 16;

impl Out {
    pub(super) fn new(plain: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let color = terminal && !plain && std::env::var_os("NO_COLOR").is_none();
        Self { plain: plain || !terminal, color, width: width(), column: Mutex::new(0) }
    }

    /// Prints one line of a run.
    pub(super) fn said(&self, at: Duration, lane: Option<&str>, text: &str) {
        if self.plain {
            return self.print(&(line::plain(at, lane, text) + "\n"));
        }
        let time = self.paint(DIM, &format!("{:7.2}s", at.as_secs_f64()));
        match lane {
            None => self.print(&format!("{time}  {text}\n")),
            Some(lane) => {
                let width = self.column(lane);
                let lane = self.paint(LANE, &format!("{lane:<width$}"));
                self.print(&format!("{time}  {lane}  {text}\n"));
            }
        }
    }

    /// Prints `text` as it is.
    pub(super) fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            // The reader has seen enough: `| head` is no mistake.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
            Err(error) => {
                complain(&format!("cannot write to standard output: {error}"));
                process::exit(1);
            }
        }
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    fn paint(&self, style: &str, text: &str) -> String {
        match self.color {
            true => format!("\x1b[{style}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn column(&self, lane: &str) -> usize {
        let mut column = self.column.lock().unwrap_or_else(PoisonError::into_inner);
        *column = (*column).max(lane.chars().count().min(WIDEST_COLUMN));
        *column
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const LANE: &str = "36";

/// Writes a message for the reader to standard error, which may be closed as well.
pub(super) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

#[cfg(not(target_family = "wasm"))]
fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(80, |(terminal_size::Width(columns), _)| columns.into())
}

#[cfg(target_family = "wasm")]
fn width() -> usize {
    80
}
