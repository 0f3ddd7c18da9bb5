//! A database lives in a file of its own or in a schema of its own, and is removed with it.

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

/// Where a database is.
pub(crate) enum Place {
    /// SQLite, in a file of this folder, which is deleted with this value.
    File(TempDir),
    /// PostgreSQL, in a schema of this name.
    Schema { server: String, name: String },
}

/// The two languages of SQL that the chapter speaks.
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

impl Place {
    /// The place that `DATABASE_URL` asks for.
    pub(crate) fn chosen() -> anyhow::Result<Self> {
        match env::var("DATABASE_URL") {
            Ok(url) if url.starts_with("postgres") => Ok(Self::schema(url)),
            Ok(url) => {
                bail!("DATABASE_URL is {url:?}: postgres://…, or unset for SQLite")
            }
            Err(_) => Self::file(),
        }
    }

    pub(crate) fn file() -> anyhow::Result<Self> {
        Ok(Self::File(tempfile::tempdir().context("no folder for a database")?))
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

    /// Makes the database, empty.
    pub(crate) async fn make(&self) -> sqlx::Result<()> {
        let make = match self {
            // A reader need not wait for the writer then; the file remembers it.
            Self::File(_) => "PRAGMA journal_mode = WAL".to_owned(),
            Self::Schema { name, .. } => format!("CREATE SCHEMA {name}"),
        };
        self.execute(make).await
    }

    /// Removes all of it. Of a server that is gone, nothing is left to remove.
    pub(crate) async fn remove(self) {
        if let Self::Schema { name, .. } = &self {
            let _ = self.execute(format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// A pool of connections that are opened when they are needed.
    pub(crate) fn pool(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        let greeting = self.greeting();
        let greeted = limits.after_connect(move |connection, _| {
            let greeting = raw_sql(AssertSqlSafe(greeting.clone()));
            Box::pin(async move { connection.execute(greeting).await.map(drop) })
        });
        greeted.connect_lazy(&self.url())
    }

    /// What each new connection does first.
    pub(crate) fn greeting(&self) -> String {
        match self {
            // A commit need not wait for the disk: when the power fails the last ones may be
            // lost, and none is broken.
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

    /// Executes this over a connection that belongs to no pool.
    async fn execute(&self, sql: String) -> sqlx::Result<()> {
        let mut connection = AnyConnection::connect(&self.url()).await?;
        connection.execute(raw_sql(AssertSqlSafe(sql))).await?;
        connection.close().await
    }
}
