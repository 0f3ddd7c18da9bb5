//! The primary key decides which of two appenders has continued the log.

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::{query, query_as};

use super::{
    database::{Database, Repeatable},
    failure::Failure,
};
use crate::{AppendError, BrokerError, Entry, Log, MAX_BODY};

pub(super) struct PostgresLog {
    pub(super) database: Database,
    pub(super) name: String,
}

/// If two processes append at the same time, the second waits until the first has committed or not. Then
/// it finds the number taken, and inserts nothing. The condition refuses a gap.
const APPEND: &str = "
    INSERT INTO entry (log, number, body)
    SELECT $1, $2 + 1, $3
    WHERE $2 = 0 OR EXISTS (SELECT FROM entry WHERE log = $1 AND number = $2)
    ON CONFLICT DO NOTHING";

const READ: &str = "
    SELECT number, body FROM entry WHERE log = $1 AND number > $2 ORDER BY number LIMIT $3";

/// How many entries one statement reads, so that its answer stays within 256 MiB.
const MOST: usize = 256;

#[async_trait]
impl Log for PostgresLog {
    async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError> {
        if body.len() > MAX_BODY {
            return Err(AppendError::TooLarge { size: body.len(), limit: MAX_BODY });
        }
        // No log has so many entries, so there is none that this one could follow.
        let number = i64::try_from(after).map_err(|_| AppendError::Conflict { after })?;
        // Repeated, it could report a conflict with itself.
        let appended = self.database.execute(Repeatable::No, async |mut connection| {
            let append = query(APPEND).bind(&self.name).bind(number).bind(&*body);
            append.execute(&mut *connection).await
        });
        match appended.await?.rows_affected() {
            0 => Err(AppendError::Conflict { after }),
            _ => Ok(after + 1),
        }
    }

    async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError> {
        let mut entries = Vec::new();
        while entries.len() < max {
            let last = entries.last().map_or(after, |entry: &Entry| entry.number);
            let read = self.read_some(last, MOST.min(max - entries.len())).await?;
            if read.is_empty() {
                break;
            }
            entries.extend(read);
        }
        Ok(entries)
    }
}

impl PostgresLog {
    async fn read_some(&self, after: u64, max: usize) -> Result<Vec<Entry>, Failure> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = self.database.execute(Repeatable::Yes, async |mut connection| {
            let read = query_as::<_, (i64, Vec<u8>)>(READ).bind(&self.name).bind(after);
            read.bind(max as i64).fetch_all(&mut *connection).await
        });
        let entry = |(number, body): (i64, Vec<u8>)| Entry {
            number: number.unsigned_abs(),
            body: body.into(),
        };
        Ok(rows.await?.into_iter().map(entry).collect())
    }
}
