//! Every section runs in its own empty database: PostgreSQL if `DATABASE_URL` is set, else SQLite.
//!
//! SQLite uses a temporary file. In PostgreSQL each section has a separate schema. `sqlx::Any`
//! chooses the driver by the URL, so each section is written once. In your own program you know
//! your database: write `PgPool` or `SqlitePool` instead of `AnyPool`. Nothing else changes, except
//! column types that `Any` does not support.
#![cfg(not(target_family = "wasm"))]

use std::{convert::identity, time::Duration};

use anyhow::{Context, anyhow};
use async_kit::scope::{self, Release};
use sqlx::{
    Any, AnyPool, AssertSqlSafe, Connection, Executor, PgConnection,
    any::{AnyArguments, AnyPoolOptions, install_default_drivers},
    query::QueryScalar,
    query_scalar, raw_sql,
};

use crate::location::{Kind, Location};

/// A query whose rows are single numbers.
pub(crate) type NumberQuery = QueryScalar<'static, Any, i64, AnyArguments>;

/// A database that is removed when its section ends.
pub(crate) struct Database {
    pub(crate) pool: AnyPool,
    pub(crate) location: Location,
}

/// Calls `body` with an empty database of the kind that `DATABASE_URL` names, and a pool of these
/// limits.
pub(crate) async fn with<F>(limits: AnyPoolOptions, body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    with_location(Location::from_env()?, limits, body).await
}

/// Calls `body` with an empty database at this location.
pub(crate) async fn with_location<F>(
    location: Location,
    limits: AnyPoolOptions,
    body: F,
) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    install_default_drivers();
    let created = location.create().await.map_err(without_source_line);
    created.context("the database cannot be reached")?;
    let database = Database { pool: location.pool(limits)?, location };
    let ended = scope::with(database, body).await;
    ended.map_err(|error| error.downcast().map_or_else(identity, without_source_line))
}

impl Release for Database {
    async fn release(self) {
        // A connection in use may hold a lock on the tables that are removed next.
        self.pool.close().await;
        self.location.remove().await;
    }
}

impl Database {
    pub(crate) fn kind(&self) -> Kind {
        self.location.kind()
    }

    /// Another pool for the same database.
    pub(crate) fn pool_of(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        self.location.pool(limits)
    }

    /// A connection of PostgreSQL's own type, for features that only PostgreSQL has.
    pub(crate) async fn postgres(&self) -> sqlx::Result<Option<PgConnection>> {
        if self.kind() != Kind::Postgres {
            return Ok(None);
        }
        let mut connection = PgConnection::connect(&self.location.url()).await?;
        connection.execute(raw_sql(AssertSqlSafe(self.location.setup_sql()))).await?;
        Ok(Some(connection))
    }

    /// A query that takes about this long.
    pub(crate) fn slow_query(&self, takes: Duration) -> NumberQuery {
        match self.kind() {
            Kind::Sqlite => query_scalar(COUNT).bind(takes.as_millis() as i64 * PER_MS),
            Kind::Postgres => query_scalar(SLEEP).bind(takes.as_secs_f64()),
        }
    }
}

/// What the database says about a failed query. `Display` of an error of PostgreSQL also names a line of
/// the server's source code.
pub(crate) fn message(error: &sqlx::Error) -> String {
    let database = error.as_database_error();
    database.map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

fn without_source_line(error: sqlx::Error) -> anyhow::Error {
    if error.as_database_error().is_some() {
        anyhow!(message(&error))
    } else {
        error.into()
    }
}

/// SQLite has no function that sleeps, so it counts.
const COUNT: &str = "WITH RECURSIVE n(i) AS (
        SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1
    ) SELECT count(*) FROM n";
/// How far SQLite counts in a millisecond, on a rather slow machine.
const PER_MS: i64 = 1_500;
const SLEEP: &str = "SELECT CAST(1 AS BIGINT) FROM pg_sleep($1)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::both_databases::on_both;

    #[tokio::test]
    async fn a_message_is_what_the_database_says_and_nothing_of_its_source_code() {
        on_both(AnyPoolOptions::new(), async |database| {
            let failed = raw_sql("SELECT * FROM missing").execute(&database.pool).await;
            let message = message(&failed.expect_err("there is no such table"));
            assert!(message.contains("missing"), "{message}");
            assert!(!message.contains("at line"), "{message}");
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_section_that_fails_says_what_the_database_says() {
        on_both(AnyPoolOptions::new(), async |database| {
            let location = match database.kind() {
                Kind::Sqlite => Location::file()?,
                Kind::Postgres => Location::from_env()?,
            };
            let failed =
                with_location(location, AnyPoolOptions::new(), async |database| {
                    raw_sql("SELECT * FROM missing").execute(&database.pool).await?;
                    Ok(())
                });
            let error =
                format!("{:#}", failed.await.expect_err("there is no such table"));
            assert!(error.contains("missing") && !error.contains("at line"), "{error}");
            Ok(())
        })
        .await;
    }
}
