//! Each error names the step that failed, which decides if the path has the old or the new content.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

/// Why a file was not replaced, or why its replacement may not be durable.
#[derive(Debug)]
pub enum AtomicFileError {
    /// The temporary file could not be created. The path has the old content.
    Create {
        /// The file to replace.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The new content could not be written completely. The path has the old content.
    Write {
        /// The file to replace.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The new content is complete, but could not be renamed, or not given the permissions of the file.
    /// The path has the old content.
    Replace {
        /// The file to replace.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The path has the new content, but a power failure may restore the old one.
    Sync {
        /// The file that was replaced.
        path: PathBuf,
        /// The error of the operating system.
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
                ("cannot create a temporary file beside", path, source)
            }
            Self::Write { path, source } => {
                ("cannot write the new content of", path, source)
            }
            Self::Replace { path, source } => ("cannot replace", path, source),
            Self::Sync { path, source } => {
                ("a power failure may still undo the new content of", path, source)
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
