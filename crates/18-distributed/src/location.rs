//! A child opens the queues of its parent, and no password is on its command line.
//!
//! The command line of a process is visible to every user of the machine, its environment is not. So a
//! child gets the kind of server and the namespace as arguments, and the address, which may hold the
//! password, from its environment.
#![cfg(not(target_family = "wasm"))]

mod arguments;
mod error;
mod variable;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;

pub use self::error::LocationError;
pub(crate) use self::variable::is_postgres;
use self::variable::{NATS, POSTGRES};
use crate::{Broker, BrokerError, Embedded, Form, JetStream, Postgres};

/// Where the queues and logs of a program are.
pub enum Location {
    /// In a folder that one process at a time has open.
    Embedded {
        /// The folder.
        folder: Folder,
    },
    /// In a schema of a PostgreSQL server.
    Postgres {
        /// The address of the server, perhaps with a password.
        url: String,
        /// The name of the schema.
        space: String,
    },
    /// In the streams of a NATS server whose names begin with this.
    JetStream {
        /// The address of the server, perhaps with a password.
        url: String,
        /// The beginning of the names.
        space: String,
    },
}

/// The folder of an embedded queue.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Deletes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl Location {
    /// The location that the environment names: `NATS_URL`, or else `DATABASE_URL`, with a namespace of
    /// its own. If neither is set, or both are empty, a new temporary folder.
    ///
    /// # Errors
    ///
    /// [`LocationError`].
    pub fn from_env() -> Result<Self, LocationError> {
        if let Some(url) = NATS.read()? {
            return Ok(Self::JetStream { url, space: new_space() });
        }
        if let Some(url) = POSTGRES.read()? {
            return Ok(Self::Postgres { url, space: new_space() });
        }
        Self::temporary()
    }

    /// A new temporary folder, which is deleted when this is dropped.
    ///
    /// # Errors
    ///
    /// [`LocationError::Folder`].
    pub fn temporary() -> Result<Self, LocationError> {
        let temporary = tempfile::tempdir().map_err(LocationError::Folder)?;
        let path = temporary.path().to_owned();
        Ok(Self::Embedded { folder: Folder { path, _temporary: Some(temporary) } })
    }

    /// A folder that remains.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::Embedded { folder: Folder { path: path.into(), _temporary: None } }
    }

    /// What kind of broker it is.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Embedded { .. } => Form::Embedded,
            Self::Postgres { .. } => Form::Postgres,
            Self::JetStream { .. } => Form::JetStream,
        }
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`BrokerError`] if there is no server or no folder, or if it cannot be used.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty namespace that was created by then remains.
    pub async fn open(&self) -> Result<Arc<dyn Broker>, BrokerError> {
        match self {
            Self::Embedded { folder } => Ok(Embedded::open(folder.path()).await?),
            Self::Postgres { url, space } => Ok(Postgres::open(url, space).await?),
            Self::JetStream { url, space } => Ok(JetStream::open(url, space).await?),
        }
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { folder } => f.debug_tuple("Embedded").field(folder).finish(),
            Self::Postgres { space, .. } => {
                f.debug_tuple("Postgres").field(space).finish()
            }
            Self::JetStream { space, .. } => {
                f.debug_tuple("JetStream").field(space).finish()
            }
        }
    }
}

impl Folder {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The name is random: process ids repeat, and containers that share a server have the same ones.
fn new_space() -> String {
    format!("chapter_{:016x}", fastrand::u64(..))
}
