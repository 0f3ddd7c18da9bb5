//! Each change is one or two statements.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{SqliteConnection, query, raw_sql};

use crate::{
    Message,
    embedded::change::{Change, Seq},
};

const CLEAR: &str = "DELETE FROM messages; DELETE FROM ids; DELETE FROM dead_letters;
    DELETE FROM entries";

/// Writes changes into the current transaction.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    changes: &[Change],
) -> sqlx::Result<()> {
    let now = now_ms();
    for change in changes {
        record_one(connection, change, now).await?;
    }
    if changes.iter().any(|change| matches!(change, Change::Store { .. })) {
        let forget = query("DELETE FROM ids WHERE until <= ?").bind(now);
        forget.execute(connection).await?;
    }
    Ok(())
}

async fn record_one(
    connection: &mut SqliteConnection,
    change: &Change,
    now: i64,
) -> sqlx::Result<()> {
    match change {
        Change::Store { name, seq, message, window, .. } => {
            if let Some(id) = &message.id {
                remember(connection, name, id, now.saturating_add(ms(*window))).await?;
            }
            let Message { id, key, body } = message;
            let store = query("INSERT INTO messages VALUES (?, ?, ?, ?, ?, 0)");
            let store = store.bind(seq.cast_signed()).bind(&**name).bind(id).bind(key);
            store.bind(&**body).execute(connection).await?;
        }
        Change::Deliver { ticket, .. } => {
            let count = query("UPDATE messages SET deliveries = ? WHERE seq = ?");
            let count = count.bind(ticket.deliveries).bind(ticket.seq.cast_signed());
            count.execute(connection).await?;
        }
        Change::Remove { seq, .. } => remove(connection, *seq).await?,
        Change::MoveToDeadLetters { seq, .. } => {
            let insert = "INSERT INTO dead_letters (queue, id, key, body)
                SELECT queue, id, key, body FROM messages WHERE seq = ?";
            query(insert).bind(seq.cast_signed()).execute(&mut *connection).await?;
            remove(connection, *seq).await?;
        }
        Change::Append { name, number, body, .. } => {
            let append = query("INSERT INTO entries VALUES (?, ?, ?)");
            let append = append.bind(&**name).bind(number.cast_signed());
            append.bind(&**body).execute(connection).await?;
        }
        Change::Clear => {
            raw_sql(CLEAR).execute(connection).await?;
        }
    }
    Ok(())
}

async fn remember(
    connection: &mut SqliteConnection,
    queue: &str,
    id: &str,
    until: i64,
) -> sqlx::Result<()> {
    let remember = query("INSERT OR REPLACE INTO ids VALUES (?, ?, ?)");
    remember.bind(queue).bind(id).bind(until).execute(connection).await.map(drop)
}

async fn remove(connection: &mut SqliteConnection, seq: Seq) -> sqlx::Result<()> {
    let remove = query("DELETE FROM messages WHERE seq = ?").bind(seq.cast_signed());
    remove.execute(connection).await.map(drop)
}

/// The wall clock, because no other clock continues while the process does not run.
pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, ms)
}

fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
