//! Standard output and standard error are measured separately: one may be a terminal and the other a
//! file.

use std::{
    env,
    io::{self, IsTerminal},
};

use super::page::{Page, color_is_allowed};

/// A stream of the process, which may be a terminal.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Output,
    Errors,
}

impl Stream {
    /// The page that fits the stream.
    pub(super) fn page(self, plain: bool) -> Page {
        let (no_color, term) = (env::var_os("NO_COLOR"), env::var_os("TERM"));
        let color = color_is_allowed(no_color.as_deref(), term.as_deref());
        Page::new(plain, color, self.width())
    }

    /// The number of rows, if it is a terminal that knows its size.
    pub(super) fn height(self) -> Option<usize> {
        self.is_terminal().then(|| self.size()).flatten().map(|(rows, _)| rows)
    }

    /// The number of columns, if it is a terminal.
    fn width(self) -> Option<usize> {
        self.is_terminal().then(|| self.size().map_or(80, |(_, columns)| columns))
    }

    fn is_terminal(self) -> bool {
        match self {
            Self::Output => io::stdout().is_terminal(),
            Self::Errors => io::stderr().is_terminal(),
        }
    }

    /// The rows and columns of the terminal.
    #[cfg(not(target_family = "wasm"))]
    fn size(self) -> Option<(usize, usize)> {
        let terminal = match self {
            Self::Output => console::Term::stdout(),
            Self::Errors => console::Term::stderr(),
        };
        let (rows, columns) = terminal.size_checked()?;
        Some((rows.into(), columns.into()))
    }

    #[cfg(target_family = "wasm")]
    fn size(self) -> Option<(usize, usize)> {
        None
    }
}
