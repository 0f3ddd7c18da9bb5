//! What a queue or log contained when its process ended.

use std::time::Duration;

use bytes::Bytes;
use sqlx::{SqliteConnection, query_as, query_scalar};

use super::{Journal, record::now_ms};
use crate::{BrokerError, Message, embedded::store::LoadedQueue};

type Columns = (Option<String>, Option<String>, Vec<u8>);

impl Journal {
    pub(in crate::embedded) async fn load_queue(
        &mut self,
        name: &str,
    ) -> Result<LoadedQueue, BrokerError> {
        let mut connection = self.connect().await?;
        let loaded = load_queue(&mut connection, name).await;
        self.connection = Some(connection);
        Ok(loaded.map_err(|error| self.failure(&error))?)
    }

    pub(in crate::embedded) async fn load_log(
        &mut self,
        name: &str,
    ) -> Result<Vec<Bytes>, BrokerError> {
        let mut connection = self.connect().await?;
        let load = "SELECT body FROM entries WHERE log = ? ORDER BY number";
        let load = query_scalar::<_, Vec<u8>>(load).bind(name);
        let loaded = load.fetch_all(&mut connection).await;
        self.connection = Some(connection);
        let loaded = loaded.map_err(|error| self.failure(&error))?;
        Ok(loaded.into_iter().map(Bytes::from).collect())
    }
}

async fn load_queue(
    connection: &mut SqliteConnection,
    name: &str,
) -> sqlx::Result<LoadedQueue> {
    let messages = "SELECT seq, deliveries, id, key, body FROM messages
        WHERE queue = ? ORDER BY seq";
    type Row = (i64, u32, Option<String>, Option<String>, Vec<u8>);
    let messages = query_as::<_, Row>(messages).bind(name).fetch_all(&mut *connection);
    let messages = messages.await?.into_iter().map(|(seq, deliveries, id, key, body)| {
        (seq.cast_unsigned(), message((id, key, body)), deliveries)
    });
    let dead = "SELECT id, key, body FROM dead_letters WHERE queue = ? ORDER BY number";
    let dead = query_as(dead).bind(name).fetch_all(&mut *connection).await?;
    let ids = "SELECT id, until FROM ids WHERE queue = ? AND until > ? ORDER BY until";
    let now = now_ms();
    let ids =
        query_as::<_, (String, i64)>(ids).bind(name).bind(now).fetch_all(connection);
    let left =
        |(id, until): (String, i64)| (id, Duration::from_millis(until.abs_diff(now)));
    Ok(LoadedQueue {
        messages: messages.collect(),
        ids: ids.await?.into_iter().map(left).collect(),
        dead: dead.into_iter().map(message).collect(),
    })
}

fn message((id, key, body): Columns) -> Message {
    Message { id, key, body: body.into() }
}
