//! A database is a temporary file or a PostgreSQL schema, so removing it leaves nothing behind.
//!
//! Used by every section, through `database`.
#![cfg(not(target_family = "wasm"))]

use std::{env, fmt};

use anyhow::{Context, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, any::AnyPoolOptions,
    postgres::PgConnectOptions, raw_sql,
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
    /// The location that `DATABASE_URL` names, or a temporary file if it is not set or empty.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        match env::var_os("DATABASE_URL") {
            None => Self::file(),
            Some(url) if url.is_empty() => Self::file(),
            Some(url) => Self::from_url(url.to_str()),
        }
    }

    /// An error does not repeat the URL, because it may contain a password.
    fn from_url(url: Option<&str>) -> anyhow::Result<Self> {
        let url = url.context("DATABASE_URL is not UTF-8")?.trim();
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_lowercase());
        match scheme.as_deref() {
            Some("postgres" | "postgresql") => {
                url.parse::<PgConnectOptions>()
                    .context("DATABASE_URL is not a valid postgres:// URL")?;
                Ok(Self::schema(url.to_owned()))
            }
            _ => {
                bail!("DATABASE_URL does not begin with postgres://; unset it for SQLite")
            }
        }
    }

    pub(crate) fn file() -> anyhow::Result<Self> {
        Ok(Self::File(
            tempfile::tempdir().context("cannot create a folder for the database")?,
        ))
    }

    /// The name is random: process ids repeat, and containers that share a server have the same ones.
    fn schema(server: String) -> Self {
        Self::Schema { server, name: format!("chapter_{:016x}", fastrand::u64(..)) }
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
        let limits = limits.after_release(|connection, _| {
            Box::pin(async {
                // The rollback of a dropped transaction is executed before this. If it fails, as on a
                // full disk, where SQLite itself has rolled back, sqlx counts the transaction as open:
                // a later `commit` on this connection would commit nothing.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
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
                // In a URL `?` and `#` end the path, and `%` begins an escape.
                let folder = folder.path().to_string_lossy();
                let folder = utf8_percent_encode(&folder, EXCEPT_SLASHES);
                format!("sqlite://{folder}/chapter.db?mode=rwc")
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

const EXCEPT_SLASHES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/');

#[cfg(test)]
mod tests {
    use super::*;

    // Windows allows no `?` in a name.
    #[cfg(unix)]
    #[tokio::test]
    async fn the_temporary_folder_may_have_any_name() {
        sqlx::any::install_default_drivers();
        let odd = "100%25 a?b#c;'é";
        let folder = tempfile::Builder::new().prefix(odd).tempdir().expect("a folder");
        let file = folder.path().join("chapter.db");
        let location = Location::File(folder);
        location.create().await.expect("a database");
        assert!(file.exists(), "no file at {}", file.display());
    }

    #[test]
    fn a_url_of_postgres_is_accepted_in_every_spelling() {
        for url in
            ["postgres://ann@db/shop", "POSTGRESQL://db/shop", " Postgres://db/shop\n"]
        {
            let location = Location::from_url(Some(url)).expect(url);
            assert_eq!(location.kind(), Kind::Postgres, "{url:?}");
        }
    }

    #[test]
    fn a_password_is_never_part_of_an_error() {
        for url in [
            "mysql://ann:secret@db/shop",
            "ann:secret@db/shop",
            "postgres:ann:secret@db",
            "postgres://ann:secret@db:99999/shop",
            "postgres://ann:secret@[::1/shop",
            "postgres://ann:secret@db/shop?sslmode=no",
            "postgres://db/shop?user=ann&password=secret@&port=no",
            "postgres://ann:secret@db/%ff",
        ] {
            let error = Location::from_url(Some(url)).map(|location| location.url());
            let error = format!("{:?}", error.expect_err(url));
            assert!(error.contains("DATABASE_URL"), "{error}");
            assert!(!error.contains("secret@"), "{error}");
        }
        assert!(Location::from_url(None).is_err(), "not UTF-8");
    }

    #[test]
    fn two_schemas_have_two_names() {
        let name = || match Location::schema(String::new()) {
            Location::Schema { name, .. } => name,
            Location::File(_) => unreachable!(),
        };
        assert_ne!(name(), name());
    }
}
