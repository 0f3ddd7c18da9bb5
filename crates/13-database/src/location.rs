//! A database is a temporary file or a PostgreSQL schema, so removing it leaves nothing behind.
//!
//! Used by every section, through `database`.
#![cfg(not(target_family = "wasm"))]

use std::{
    env, fmt, process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use anyhow::{Context, bail};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, any::AnyPoolOptions,
    raw_sql,
};
use tempfile::TempDir;

/// Where a database is stored.
pub(crate) enum Location {
    /// SQLite, in a file of this folder. Dropping the value deletes the folder.
    File(TempDir),
    /// PostgreSQL, in a schema of this name.
    Schema { server: String, name: String },
}

/// The two database systems that the chapter runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl Location {
    /// The location that `DATABASE_URL` names, or a temporary file if it is not set.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        match env::var("DATABASE_URL") {
            Ok(url) if url.starts_with("postgres") => Ok(Self::schema(url)),
            Ok(url) => {
                bail!(
                    "DATABASE_URL is {url:?}; set it to postgres://…, or unset it for SQLite"
                )
            }
            Err(_) => Self::file(),
        }
    }

    pub(crate) fn file() -> anyhow::Result<Self> {
        Ok(Self::File(
            tempfile::tempdir().context("cannot create a folder for the database")?,
        ))
    }

    fn schema(server: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("chapter_{}_{}", process::id(), NEXT.fetch_add(1, Relaxed));
        Self::Schema { server, name }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::File(_) => Kind::Sqlite,
            Self::Schema { .. } => Kind::Postgres,
        }
    }

    /// Creates an empty database.
    pub(crate) async fn create(&self) -> sqlx::Result<()> {
        let create = match self {
            // With a write-ahead log, readers do not wait for the writer. The file keeps the mode.
            Self::File(_) => "PRAGMA journal_mode = WAL".to_owned(),
            Self::Schema { name, .. } => format!("CREATE SCHEMA {name}"),
        };
        self.execute(create).await
    }

    /// Removes the database.
    pub(crate) async fn remove(self) {
        if let Self::Schema { name, .. } = &self {
            // If the server is gone, there is nothing left to remove.
            let _ = self.execute(format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// A pool that opens its connections when they are needed.
    pub(crate) fn pool(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        let setup = self.setup_sql();
        let limits = limits.after_connect(move |connection, _| {
            let setup = raw_sql(AssertSqlSafe(setup.clone()));
            Box::pin(async move { connection.execute(setup).await.map(drop) })
        });
        limits.connect_lazy(&self.url())
    }

    /// The SQL that each new connection executes first.
    pub(crate) fn setup_sql(&self) -> String {
        match self {
            // Commits do not wait for the disk. After a power failure the last commits may be
            // lost, but the file is not corrupt.
            Self::File(_) => "PRAGMA synchronous = NORMAL".to_owned(),
            Self::Schema { name, .. } => format!("SET search_path TO {name}"),
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(folder) => {
                format!("sqlite://{}/chapter.db?mode=rwc", folder.path().display())
            }
            Self::Schema { server, .. } => server.clone(),
        }
    }

    /// Executes `sql` on a connection outside any pool.
    async fn execute(&self, sql: String) -> sqlx::Result<()> {
        let mut connection = AnyConnection::connect(&self.url()).await?;
        connection.execute(raw_sql(AssertSqlSafe(sql))).await?;
        connection.close().await
    }
}
