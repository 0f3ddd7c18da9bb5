//! A keyed effect happens once, because its key is stored in the same transaction.
#![cfg(not(target_family = "wasm"))]

use std::{path::Path, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{
    Any, AnyPool, AssertSqlSafe, Connection, Executor, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
    query, query_scalar, raw_sql,
};

use crate::Location;

/// The effects of jobs, which outlive their workers: here a list of texts, in your program payments or
/// letters.
///
/// A queue delivers at least once, so a job can be worked on twice, also by two workers at the same
/// time. Whether its effect happens twice is decided where the effect is stored.
///
/// If the broker is PostgreSQL, they are in the same database. If not, they are in an SQLite file, which
/// several processes can use at the same time.
#[derive(Clone, Debug)]
pub struct Effects {
    pool: AnyPool,
}

impl Effects {
    /// Opens the effects, and creates them if they do not exist. With PostgreSQL they are tables in the
    /// namespace of the broker, which [`Broker::remove`](crate::Broker::remove) removes, and `file` is
    /// not used.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: empty tables that were created by then remain.
    pub async fn open(location: &Location, file: &Path) -> sqlx::Result<Self> {
        install_default_drivers();
        let effects = match location {
            Location::Postgres { url, space } => {
                Self { pool: pool(url, format!("SET search_path TO {space}")).await? }
            }
            _ => Self { pool: pool(&sqlite(file), SQLITE.to_owned()).await? },
        };
        effects.create().await?;
        Ok(effects)
    }

    async fn create(&self) -> sqlx::Result<()> {
        // Two processes that create the same table at the same time can both find that it does not exist;
        // in PostgreSQL one of them then fails. The second attempt finds it.
        if raw_sql(TABLES).execute(&self.pool).await.is_err() {
            raw_sql(TABLES).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Stores an effect. If it is called twice, the effect is there twice.
    ///
    /// # Errors
    ///
    /// If the database refuses it, or its answer does not come; then it may be stored or not.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the effect of a dropped call is stored or not.
    pub async fn unkeyed(&self, effect: &str) -> sqlx::Result<()> {
        query(EFFECT).bind(effect).execute(&self.pool).await.map(drop)
    }

    // ANCHOR: keyed
    /// Begins the effect of a job, or returns `None` if it has happened already. Write the effect in
    /// this transaction, for example with [`write`](Self::write), and commit: then key and effect are
    /// stored both or not at all. If another worker is just writing the same effect, waits for it.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a dropped transaction is rolled back.
    pub async fn keyed(
        &self,
        key: &str,
    ) -> sqlx::Result<Option<Transaction<'static, Any>>> {
        let mut transaction = self.pool.begin().await?;
        let insert = "INSERT INTO done (key) VALUES ($1) ON CONFLICT DO NOTHING";
        let inserted = query(insert).bind(key).execute(&mut *transaction).await?;
        if inserted.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(None);
        }
        Ok(Some(transaction))
    }
    // ANCHOR_END: keyed

    /// Writes an effect in this transaction. It is stored once the transaction is committed.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: after a dropped call, drop the transaction, which rolls it back.
    pub async fn write(
        transaction: &mut Transaction<'_, Any>,
        effect: &str,
    ) -> sqlx::Result<()> {
        query(EFFECT).bind(effect).execute(&mut **transaction).await.map(drop)
    }

    /// All effects that are stored, in alphabetical order.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn list(&self) -> sqlx::Result<Vec<String>> {
        query_scalar("SELECT effect FROM effects ORDER BY effect")
            .fetch_all(&self.pool)
            .await
    }

    /// Closes its connections.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: they are closed later.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn pool(url: &str, setup: String) -> sqlx::Result<AnyPool> {
    AnyPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(move |connection, _| {
            let setup = raw_sql(AssertSqlSafe(setup.clone()));
            Box::pin(async move { connection.execute(setup).await.map(drop) })
        })
        .after_release(|connection, _| {
            Box::pin(async {
                // If the rollback of a dropped transaction has failed, as on a full disk, sqlx counts it
                // as open: a later `commit` on this connection would commit nothing.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect(url)
        .await
}

fn sqlite(file: &Path) -> String {
    let file = file.to_string_lossy();
    format!("sqlite://{}?mode=rwc", utf8_percent_encode(&file, EXCEPT_SLASHES))
}

const EXCEPT_SLASHES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/');

/// With a write-ahead log, readers do not wait for the writer. A commit survives a killed process; a
/// power failure may lose the last ones. Another process may write for up to 10 s before this one fails.
const SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                      PRAGMA synchronous = NORMAL";

const TABLES: &str = "CREATE TABLE IF NOT EXISTS effects (effect TEXT NOT NULL); \
                      CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY)";

const EFFECT: &str = "INSERT INTO effects (effect) VALUES ($1)";
