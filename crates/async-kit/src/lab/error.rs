//! The error of a lab that cannot start names the step that failed: the port, the folder or the
//! address.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why a lab could not be started.
#[derive(Debug)]
pub enum LabError {
    /// The system has no free port.
    Listen(io::Error),
    /// The path to serve is not a folder, or the folder cannot be read.
    Folder(PathBuf, io::Error),
    /// The address given instead of a lab cannot be used, with the reason.
    Base(String),
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(_) => f.write_str("cannot listen on 127.0.0.1"),
            Self::Folder(path, _) => write!(f, "cannot serve {}", path.display()),
            Self::Base(why) => write!(f, "Lab::or_url {why}"),
        }
    }
}

impl Error for LabError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen(error) | Self::Folder(_, error) => Some(error),
            Self::Base(_) => None,
        }
    }
}
