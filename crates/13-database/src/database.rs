//! Every section has a database of its own, and `DATABASE_URL` decides of which kind.
//!
//! Without it, that is SQLite in a temporary file; with it, a schema of its own in PostgreSQL.
//! `sqlx::Any` asks the address which driver to use, so that each section is written once. At
//! work you have chosen a database: write `PgPool` or `SqlitePool` for `AnyPool`, and nothing
//! else changes, but for the types of columns that `Any` does not know.

use std::time::Duration;

use anyhow::Context;
use async_kit::scope::{self, Release};
use sqlx::{
    Any, AnyPool, AssertSqlSafe, Connection, Executor, PgConnection,
    any::{AnyArguments, AnyPoolOptions, install_default_drivers},
    query::QueryScalar,
    query_scalar, raw_sql,
};

use crate::place::{Kind, Place};

/// A query that is answered by one number in a row.
pub(crate) type Question = QueryScalar<'static, Any, i64, AnyArguments>;

/// A database that is gone when its section ends.
pub(crate) struct Database {
    pub(crate) pool: AnyPool,
    pub(crate) place: Place,
}

/// Lends `body` an empty database on what `DATABASE_URL` names, through a pool of these limits.
pub(crate) async fn with<F>(limits: AnyPoolOptions, body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    with_place(Place::chosen()?, limits, body).await
}

/// Lends `body` an empty database in this place.
pub(crate) async fn with_place<F>(
    place: Place,
    limits: AnyPoolOptions,
    body: F,
) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    install_default_drivers();
    place.make().await.context("the database cannot be reached")?;
    scope::with(Database { pool: place.pool(limits)?, place }, body).await
}

impl Release for Database {
    async fn release(self) {
        // A connection that is still lent may hold a lock on what is removed next.
        self.pool.close().await;
        self.place.remove().await;
    }
}

impl Database {
    pub(crate) fn kind(&self) -> Kind {
        self.place.kind()
    }

    /// Another pool for the same database.
    pub(crate) fn pool_of(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        self.place.pool(limits)
    }

    /// A connection of PostgreSQL's own type, for what only PostgreSQL has.
    pub(crate) async fn postgres(&self) -> sqlx::Result<Option<PgConnection>> {
        if self.kind() != Kind::Postgres {
            return Ok(None);
        }
        let mut connection = PgConnection::connect(&self.place.url()).await?;
        connection.execute(raw_sql(AssertSqlSafe(self.place.greeting()))).await?;
        Ok(Some(connection))
    }

    /// A question that is answered after about this long.
    pub(crate) fn slow_query(&self, takes: Duration) -> Question {
        match self.kind() {
            Kind::Sqlite => query_scalar(COUNT).bind(takes.as_millis() as i64 * PER_MS),
            Kind::Postgres => query_scalar(SLEEP).bind(takes.as_secs_f64()),
        }
    }
}

/// SQLite has no clock to wait for, so it counts.
const COUNT: &str = "WITH RECURSIVE n(i) AS (
        SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1
    ) SELECT count(*) FROM n";
/// How far SQLite counts in a millisecond, on a machine of no great speed.
const PER_MS: i64 = 1_500;
const SLEEP: &str = "SELECT CAST(1 AS BIGINT) FROM pg_sleep($1)";
