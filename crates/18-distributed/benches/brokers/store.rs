//! Each candidate has a folder or a namespace of its own, which is removed after each round.

use std::{env, path::Path, sync::Arc};

use anyhow::{Context, bail};
use distributed::{Broker, Embedded, JetStream, Postgres};
use tempfile::TempDir;
use tokio::runtime::Builder;

/// What keeps the messages, and when it calls a message stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Folder,
    Postgres,
    /// A commit does not wait for the disk.
    PostgresAsync,
    JetStream,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Memory,
        Self::Folder,
        Self::PostgresAsync,
        Self::Postgres,
        Self::JetStream,
    ];

    /// Those for which there is a server, or which need none.
    pub(crate) fn here() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kind| {
            kind.variable().is_none_or(|variable| address(variable).is_ok())
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Folder => "folder",
            Self::Postgres => "postgres",
            Self::PostgresAsync => "postgres-async",
            Self::JetStream => "jetstream",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Memory => "embedded, in memory",
            Self::Folder => "embedded, in a folder",
            Self::Postgres => "PostgreSQL",
            Self::PostgresAsync => "PostgreSQL, synchronous_commit=off",
            Self::JetStream => "NATS JetStream",
        }
    }

    pub(crate) fn named(name: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.with_context(|| format!("there is no store {name:?}"))
    }

    /// Whether only one process at a time can open it.
    pub(crate) fn is_embedded(self) -> bool {
        matches!(self, Self::Memory | Self::Folder)
    }

    fn variable(self) -> Option<&'static str> {
        match self {
            Self::Memory | Self::Folder => None,
            Self::Postgres | Self::PostgresAsync => Some("DATABASE_URL"),
            Self::JetStream => Some("NATS_URL"),
        }
    }

    pub(crate) async fn open(self, place: &str) -> anyhow::Result<Arc<dyn Broker>> {
        Ok(match self {
            Self::Memory => Embedded::in_memory(),
            Self::Folder => Embedded::open(place).await?,
            Self::Postgres => Postgres::open(&address("DATABASE_URL")?, place).await?,
            Self::PostgresAsync => {
                let url = address("DATABASE_URL")?;
                let and = if url.contains('?') { '&' } else { '?' };
                let url = format!("{url}{and}options[synchronous_commit]=off");
                Postgres::open(&url, place).await?
            }
            Self::JetStream => JetStream::open(&address("NATS_URL")?, place).await?,
        })
    }
}

/// Uses an empty folder or namespace, and removes it, also after an error.
pub(crate) fn with_place<T>(
    kind: Kind,
    used: impl FnOnce(&str) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if kind.is_embedded() {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        return used(utf8(folder.path())?).with_context(|| kind.description());
    }
    let space = format!("bench_{:016x}", fastrand::u64(..));
    let result = used(&space).with_context(|| kind.description());
    let removed = block_on(async { Ok(kind.open(&space).await?.remove().await?) });
    result.and_then(|value| removed.map(|()| value))
}

fn utf8(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path of the target folder is not UTF-8")
}

/// Runs one future on one thread.
pub(crate) fn block_on<T>(
    future: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// The address of a server. It may hold a password, so no message repeats it.
pub(crate) fn address(variable: &str) -> anyhow::Result<String> {
    match env::var(variable) {
        Ok(address) if !address.trim().is_empty() => Ok(address),
        _ => bail!("{variable} names no server"),
    }
}
