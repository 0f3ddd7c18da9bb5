//! A settlement names a delivery, so a worker that is late cannot take the message from its successor.

use sqlx::query;

use super::{Shared, database::Repeatable, failure::Failure};
use crate::{Settings, Settle, Token, settings::storable};

/// A late acknowledgement counts: it names the message, whatever delivery it is from.
///
/// Rows are locked in the order of their ids, so that two batches with the same ones do not deadlock. If
/// the message leaves room that a claim has missed, a worker is woken.
const ACK: &str = "
    WITH done AS (
        DELETE FROM message WHERE id IN (
            SELECT id FROM message WHERE queue = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE
        ) RETURNING partition
    )
    SELECT pg_notify(current_schema(), $1 || '.' || number) FROM partition
    WHERE queue = $1 AND blocked AND number IN (SELECT partition FROM done)";

const TERM: &str = "
    WITH over AS (
        DELETE FROM message WHERE id IN (
            SELECT id FROM message JOIN unnest($2, $3) AS given (id, deliveries) USING (id, deliveries)
            WHERE queue = $1 ORDER BY id FOR UPDATE OF message
        ) RETURNING *
    ), buried AS (
        INSERT INTO dead_letter (queue, message_id, key, body)
        SELECT queue, message_id, key, body FROM over ORDER BY id
    )
    SELECT pg_notify(current_schema(), $1 || '.' || number) FROM partition
    WHERE queue = $1 AND blocked AND number IN (SELECT partition FROM over)";

/// The partition learns when to look for it, and a worker that waits learns it too.
const NAK: &str = "
    WITH returned AS (
        UPDATE message SET held = false, due = clock_timestamp() + $4 WHERE id IN (
            SELECT id FROM message JOIN unnest($2, $3) AS given (id, deliveries) USING (id, deliveries)
            WHERE queue = $1 ORDER BY id FOR UPDATE OF message
        ) RETURNING partition, due
    ), first AS (
        SELECT partition, min(due) AS due FROM returned GROUP BY partition
    ), noted AS (
        UPDATE partition SET next_due = least(next_due, first.due) FROM first
        WHERE queue = $1 AND number = first.partition
    )
    SELECT pg_notify(current_schema(), $1 || '.' || partition) FROM first";

const IN_PROGRESS: &str = "
    UPDATE message SET due = clock_timestamp() + $4 WHERE id IN (
        SELECT id FROM message JOIN unnest($2, $3) AS given (id, deliveries) USING (id, deliveries)
        WHERE queue = $1 AND held ORDER BY id FOR UPDATE OF message
    )";

pub(super) fn token(id: i64, deliveries: i32) -> Token {
    Token(format!("{id}.{deliveries}"))
}

fn parse(token: &Token) -> Option<(i64, i32)> {
    let (id, deliveries) = token.0.split_once('.')?;
    Some((id.parse().ok()?, deliveries.parse().ok()?))
}

/// Settles all of them in one statement. Repeated after a lost answer, it changes nothing more.
pub(super) async fn settle(
    shared: &Shared,
    queue: i32,
    settings: &Settings,
    tokens: &[Token],
    how: Settle,
) -> Result<(), Failure> {
    // A token of another broker names no message here.
    let (ids, deliveries): (Vec<_>, Vec<_>) = tokens.iter().filter_map(parse).unzip();
    let (sql, time) = match how {
        Settle::Ack => (ACK, settings.ack_wait),
        Settle::Nak(delay) => (NAK, storable(delay)),
        Settle::InProgress => (IN_PROGRESS, settings.ack_wait),
        Settle::Term => (TERM, settings.ack_wait),
    };
    let settled = shared.database.execute(Repeatable::Yes, async |mut connection| {
        let settle = query(sql).bind(queue).bind(&ids).bind(&deliveries).bind(time);
        settle.execute(&mut *connection).await
    });
    settled.await.map(drop)
}
