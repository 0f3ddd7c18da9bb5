//! A token names one delivery, so a late worker cannot return or extend the next delivery of its message.

use sqlx::query;

use super::{Shared, database::Repeatable, failure::Failure};
use crate::{Settings, Settle, Token, settings::storable};

const ACK: &str = "SELECT ack($1, $2)";
const NAK: &str = "SELECT nak($1, $2, $3, $4)";
const IN_PROGRESS: &str = "SELECT in_progress($1, $2, $3, $4)";
const TERM: &str = "SELECT term($1, $2, $3)";

/// The token of a message that was delivered for the `nth` time.
pub(super) fn token(id: i64, nth: i32) -> Token {
    Token(format!("{id}.{nth}"))
}

/// `None` for a token of another broker, which names no message here.
fn parse(token: &Token) -> Option<(i64, i32)> {
    let (id, nth) = token.0.split_once('.')?;
    Some((id.parse().ok()?, nth.parse().ok()?))
}

/// Settles all of them in one statement. Repeated after a lost answer, it changes nothing but the time at
/// which a message is delivered again.
pub(super) async fn settle(
    shared: &Shared,
    queue: i32,
    settings: &Settings,
    tokens: &[Token],
    how: Settle,
) -> Result<(), Failure> {
    let (ids, nths): (Vec<_>, Vec<_>) = tokens.iter().filter_map(parse).unzip();
    let settled = shared.database.execute(Repeatable::Yes, async |mut connection| {
        let settle = |sql| query(sql).bind(queue).bind(&ids);
        let settle = match how {
            Settle::Ack => settle(ACK),
            Settle::Nak(delay) => settle(NAK).bind(&nths).bind(storable(delay)),
            Settle::InProgress => settle(IN_PROGRESS).bind(&nths).bind(settings.ack_wait),
            Settle::Term => settle(TERM).bind(&nths),
        };
        settle.execute(&mut *connection).await
    });
    settled.await?;
    if how == Settle::Ack {
        shared.cleanup.count(tokens.len(), &shared.database);
    }
    Ok(())
}
