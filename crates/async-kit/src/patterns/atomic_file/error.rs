//! Each error says how far the replacement came, and so which content stands.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

/// Why a file was not replaced, or not for certain.
#[derive(Debug)]
pub enum AtomicFileError {
    /// No temporary file was made beside the file. The old content stands.
    Create {
        /// The file to replace.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The new content was not written to the end. The old content stands.
    Write {
        /// The file to replace.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The new content is complete, but did not get the name. The old content stands.
    Replace {
        /// The file to replace.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The new content stands, but a power cut may still bring back the old one.
    Sync {
        /// The file that was replaced.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl AtomicFileError {
    /// Returns the path of the file to replace.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, &Path, &io::Error) {
        match self {
            Self::Create { path, source } => {
                ("cannot make a temporary file beside", path, source)
            }
            Self::Write { path, source } => {
                ("cannot write the new content of", path, source)
            }
            Self::Replace { path, source } => ("cannot replace", path, source),
            Self::Sync { path, source } => {
                ("a power cut may still undo the new content of", path, source)
            }
        }
    }
}

impl fmt::Display for AtomicFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, path, _) = self.parts();
        write!(f, "{what} {}", path.display())
    }
}

impl error::Error for AtomicFileError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(self.parts().2)
    }
}
