//! The cost of a claim does not grow with the number of deleted rows, because workers vacuum.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use sqlx::raw_sql;

use super::database::{Database, Repeatable};

/// How many acknowledgements of a process are between two vacuums. With 100,000 deleted rows in the way, a
/// claim takes about five times as long as without; with this number the difference is within the noise.
const EVERY: usize = 10_000;

/// It needs no lock that a claim or a publisher would wait for. A table that another process is
/// vacuuming is skipped.
const VACUUM: &str = "VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON, TRUNCATE OFF) message, partition, queue, remembered";

/// Without a vacuum, a deleted row stays in its indexes, and each claim reads past it. PostgreSQL has
/// `autovacuum`, but with the default settings it looks once a minute, and waits until a fifth of the table
/// has changed. A queue changes all of its rows all the time.
///
/// No vacuum removes a row that the oldest open transaction of the server might still see. So a transaction
/// that stays open for an hour, in whatever program, makes every queue of its database slow.
#[derive(Debug, Default)]
pub(super) struct Cleanup {
    acknowledged: AtomicUsize,
}

impl Cleanup {
    /// Counts acknowledgements, and vacuums in the background when it is time.
    pub(super) fn count(&self, acknowledged: usize, database: &Database) {
        let before = self.acknowledged.fetch_add(acknowledged, Relaxed);
        if before / EVERY == before.wrapping_add(acknowledged) / EVERY {
            return;
        }
        let database = database.clone();
        tokio::spawn(async move {
            let vacuum = database.execute(Repeatable::No, async |mut connection| {
                raw_sql(VACUUM).execute(&mut *connection).await
            });
            if let Err(failure) = vacuum.await {
                tracing::debug!(?failure, "not vacuumed: claims become slower");
            }
        });
    }
}
