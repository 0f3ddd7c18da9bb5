//! Every section has a database of its own, and `DATABASE_URL` decides of which kind.
//!
//! Without it, that is SQLite in a temporary file; with it, a schema of its own in PostgreSQL.
//! `sqlx::Any` asks the address which driver to use, so that each section is written once. At
//! work you have chosen a database: write `PgPool` or `SqlitePool` for `AnyPool`, and nothing
//! else changes, but for the types of columns that `Any` does not know.

use std::{
    env, process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Context, bail};
use async_kit::scope::{self, Release};
use sqlx::{
    Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, PgConnection,
    any::{AnyArguments, AnyPoolOptions, install_default_drivers},
    query::QueryScalar,
    query_scalar, raw_sql,
};
use tempfile::TempDir;

/// A query that is answered by one number.
pub(crate) type Question = QueryScalar<'static, Any, i64, AnyArguments>;

/// A database that is gone when its section ends.
pub(crate) struct Database {
    pub(crate) pool: AnyPool,
    pub(crate) place: Place,
}

/// Where a database is, and what has to be removed after it.
pub(crate) enum Place {
    /// SQLite, in a file of this folder.
    File(TempDir),
    /// PostgreSQL, in a schema of this name.
    Schema { server: String, name: String },
}

/// Lends `body` an empty database on what `DATABASE_URL` names, through a pool of these limits.
pub(crate) async fn with<F>(limits: AnyPoolOptions, body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    let database = Database::open(limits, Place::chosen()?).await?;
    scope::with(database, body).await
}

/// Lends `body` an empty database of SQLite, whatever `DATABASE_URL` says.
pub(crate) async fn with_sqlite<F>(limits: AnyPoolOptions, body: F) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&mut Database) -> anyhow::Result<()>,
{
    let database = Database::open(limits, Place::file()?).await?;
    scope::with(database, body).await
}

impl Place {
    fn chosen() -> anyhow::Result<Self> {
        match env::var("DATABASE_URL") {
            Ok(url) if url.starts_with("postgres") => Ok(Self::schema(url)),
            Ok(url) => {
                bail!("DATABASE_URL is {url:?}: postgres://…, or unset for SQLite")
            }
            Err(_) => Self::file(),
        }
    }

    fn file() -> anyhow::Result<Self> {
        Ok(Self::File(tempfile::tempdir().context("no folder for a database")?))
    }

    fn schema(server: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("chapter_{}_{}", process::id(), NEXT.fetch_add(1, Relaxed));
        Self::Schema { server, name }
    }

    fn url(&self) -> String {
        match self {
            Self::File(folder) => {
                format!("sqlite://{}/chapter.db?mode=rwc", folder.path().display())
            }
            Self::Schema { server, .. } => server.clone(),
        }
    }

    async fn connect(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        let greeting = self.greeting();
        let greeted = limits.after_connect(move |connection, _| {
            let greeting = raw_sql(AssertSqlSafe(greeting.clone()));
            Box::pin(async move { connection.execute(greeting).await.map(drop) })
        });
        greeted.connect(&self.url()).await
    }

    /// What each new connection does first.
    fn greeting(&self) -> String {
        match self {
            // With a write-ahead log a reader need not wait for the writer, and a commit need not
            // wait for the disk: a crash of the machine may undo the last ones, but breaks none.
            Self::File(_) => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL".to_owned()
            }
            Self::Schema { name, .. } => {
                format!("CREATE SCHEMA IF NOT EXISTS {name}; SET search_path TO {name}")
            }
        }
    }
}

impl Database {
    async fn open(limits: AnyPoolOptions, place: Place) -> anyhow::Result<Self> {
        install_default_drivers();
        let pool =
            place.connect(limits).await.context("no connection to the database")?;
        Ok(Self { pool, place })
    }

    /// Another pool for the same database.
    pub(crate) async fn pool_of(&self, limits: AnyPoolOptions) -> sqlx::Result<AnyPool> {
        self.place.connect(limits).await
    }

    /// A connection of PostgreSQL's own type, for what only PostgreSQL has.
    pub(crate) async fn postgres(&self) -> sqlx::Result<Option<PgConnection>> {
        let Place::Schema { server, .. } = &self.place else { return Ok(None) };
        let mut connection = PgConnection::connect(server).await?;
        connection.execute(raw_sql(AssertSqlSafe(self.place.greeting()))).await?;
        Ok(Some(connection))
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self.place {
            Place::File(_) => "SQLite",
            Place::Schema { .. } => "PostgreSQL",
        }
    }

    /// A question that is answered after about this long.
    pub(crate) fn slow_query(&self, takes: Duration) -> Question {
        match self.place {
            Place::File(_) => query_scalar(COUNT).bind(takes.as_millis() as i64 * PER_MS),
            Place::Schema { .. } => query_scalar(SLEEP).bind(takes.as_secs_f64()),
        }
    }

    /// A connection outside the pool, as another program would have it.
    #[cfg(test)]
    pub(crate) async fn connect(&self) -> sqlx::Result<AnyConnection> {
        let mut connection = AnyConnection::connect(&self.place.url()).await?;
        connection.execute(raw_sql(AssertSqlSafe(self.place.greeting()))).await?;
        Ok(connection)
    }
}

/// SQLite has no clock to wait for, so it counts.
const COUNT: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
    SELECT count(*) FROM n";
/// How far SQLite counts in a millisecond, on a machine of no great speed.
const PER_MS: i64 = 1_500;
const SLEEP: &str = "SELECT CAST(1 AS BIGINT) FROM pg_sleep($1)";

impl Release for Database {
    async fn release(self) {
        // A connection that is still lent may hold a lock on what is dropped next.
        self.pool.close().await;
        if let Place::Schema { server, name } = self.place {
            // Of a server that is gone, nothing is left to remove.
            if let Ok(mut last) = AnyConnection::connect(&server).await {
                let all = AssertSqlSafe(format!("DROP SCHEMA {name} CASCADE"));
                let _ = last.execute(raw_sql(all)).await;
                let _ = last.close().await;
            }
        }
    }
}

/// Runs a test on SQLite, and on PostgreSQL too where `DATABASE_URL` names one.
#[cfg(test)]
pub(crate) async fn on_both<F>(limits: AnyPoolOptions, test: F)
where
    F: AsyncFn(&mut Database) -> anyhow::Result<()>,
{
    let places = [Some(Place::file().expect("a temporary folder")), postgres()];
    for place in places.into_iter().flatten() {
        let database = Database::open(limits.clone(), place).await.expect("a database");
        let kind = database.kind();
        let tested = scope::with(database, async |database| test(database).await).await;
        tested.unwrap_or_else(|error| panic!("on {kind}: {error:?}"));
    }
}

/// A schema of the server that `DATABASE_URL` names; without one it says so, once.
#[cfg(test)]
fn postgres() -> Option<Place> {
    use std::io::Write;
    static SAID: std::sync::Once = std::sync::Once::new();
    if let Ok(place @ Place::Schema { .. }) = Place::chosen() {
        return Some(place);
    }
    // Not `eprintln!`, which the test harness captures: a skip must be seen.
    SAID.call_once(|| {
        let why =
            "SKIPPED, no test ran on PostgreSQL: DATABASE_URL names none (just postgres)";
        let _ = writeln!(std::io::stderr(), "{why}");
    });
    None
}
