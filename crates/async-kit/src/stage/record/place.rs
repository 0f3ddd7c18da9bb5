//! A place is a line of a program: of a Rust file, or of an asyncio twin.

use std::{fmt, panic::Location, sync::Arc};

/// A line of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A call in Rust.
    Call(&'static Location<'static>),
    /// A line of a file that the Rust compiler does not read.
    Line {
        /// The path of the file.
        file: Arc<str>,
        /// The number of the line, from 1.
        line: u32,
    },
}

impl Place {
    /// The path of the file. That of a Rust file is relative to the folder in which the compiler ran:
    /// for Cargo the root of the workspace.
    pub fn file(&self) -> &str {
        match self {
            Self::Call(location) => location.file(),
            Self::Line { file, .. } => file,
        }
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> u32 {
        match self {
            Self::Call(location) => location.line(),
            Self::Line { line, .. } => *line,
        }
    }
}

impl From<&'static Location<'static>> for Place {
    fn from(location: &'static Location<'static>) -> Self {
        Self::Call(location)
    }
}

/// `src/main.rs:3:5`, or `twin.py:3` if the column is not known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(location) => write!(f, "{location}"),
            Self::Line { file, line } => write!(f, "{file}:{line}"),
        }
    }
}
