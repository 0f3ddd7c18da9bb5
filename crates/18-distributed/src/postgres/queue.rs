//! A claim is one statement, so a worker that dies during it leaves no message half delivered.

use std::{
    iter::repeat_with,
    num::NonZeroUsize,
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use sqlx::query_as;
use tokio::{sync::mpsc, time::timeout};

use super::{
    Shared,
    database::Repeatable,
    failure::Failure,
    int,
    publish::Publisher,
    settle::{settle, token},
};
use crate::{
    BrokerError, Delivery, MAX_BODY, Message, PublishError, Queue, Receipt, Settings,
    Settle, Status, Token,
};

/// How many messages one claim takes, so that its answer stays within 256 MiB.
const MOST: usize = 256;

/// After this time a worker asks again, even if no notification has come: it may have been lost.
const RECHECK: Duration = Duration::from_secs(1);

/// An acknowledgement sends no notification if it commits at the same time as the claim that it would
/// have helped. So a worker that `max_ack_pending` has stopped asks again soon, then less and less often.
const RECHECK_BLOCKED: Duration = Duration::from_millis(50);

const CLAIM: &str = "
    SELECT id, deliveries, message_id, key, body FROM claim($1, $2, $3, $4, $5, $6) ORDER BY id";
type Claimed = (i64, i32, Option<String>, Option<String>, Vec<u8>);

/// In how many seconds a message must be delivered again, and whether the partition is blocked.
const NEXT: &str = "
    SELECT extract(epoch FROM next_due - clock_timestamp())::float8, blocked
    FROM partition WHERE queue = $1 AND number = $2";

const STATUS: &str = "
    SELECT
        count(*) FILTER (WHERE held AND due > now()),
        count(*),
        count(*) FILTER (WHERE deliveries > 1),
        (SELECT count(*) FROM dead_letter WHERE queue = $1)
    FROM message WHERE queue = $1";

const DEAD_LETTERS: &str = "
    SELECT message_id, key, body FROM dead_letter WHERE queue = $1 ORDER BY id";

pub(super) struct PostgresQueue {
    shared: Arc<Shared>,
    id: i32,
    settings: Settings,
    publisher: Publisher,
    unconfirmed: mpsc::Sender<Message>,
    /// For the deliveries, which settle themselves.
    this: Weak<Self>,
}

impl PostgresQueue {
    pub(super) fn new(shared: Arc<Shared>, id: i32, settings: Settings) -> Arc<Self> {
        let publisher =
            Publisher { shared: shared.clone(), queue: id, settings: settings.clone() };
        let unconfirmed = publisher.clone().unconfirmed();
        let new = |this: &Weak<Self>| Self {
            shared,
            id,
            settings,
            publisher,
            unconfirmed,
            this: this.clone(),
        };
        Arc::new_cyclic(new)
    }

    async fn claim(
        &self,
        partition: usize,
        max: usize,
    ) -> Result<Vec<Delivery>, Failure> {
        let settings = &self.settings;
        // Repeated after a lost answer, it leaves messages that are delivered again after `ack_wait`.
        let rows =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                let claim = query_as::<_, Claimed>(CLAIM)
                    .bind(self.id)
                    .bind(int(partition))
                    .bind(int(max))
                    .bind(settings.ack_wait)
                    .bind(i32::try_from(settings.max_deliver).unwrap_or(i32::MAX))
                    .bind(int(settings.max_ack_pending));
                claim.fetch_all(&mut *connection).await
            });
        let queue = self.this.upgrade().expect("the caller has a handle");
        let delivery = |(id, nth, message_id, key, body): Claimed| Delivery {
            message: Message { id: message_id, key, body: body.into() },
            deliveries: nth.unsigned_abs(),
            token: token(id, nth),
            queue: queue.clone(),
        };
        Ok(rows.await?.into_iter().map(delivery).collect())
    }

    /// The time until a message must be delivered again, and whether the partition is blocked.
    async fn next(&self, partition: usize) -> Result<(Duration, bool), Failure> {
        let row =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                let next = query_as::<_, (Option<f64>, bool)>(NEXT);
                next.bind(self.id).bind(int(partition)).fetch_one(&mut *connection).await
            });
        let (seconds, blocked) = row.await?;
        // If it is due and was not claimed, it is being settled: the worker asks again after a moment.
        let seconds = seconds.map_or(f64::INFINITY, |seconds| seconds.max(0.001));
        Ok((Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX), blocked))
    }
}

#[async_trait]
impl Queue for PostgresQueue {
    async fn publish(
        &self,
        messages: Vec<Message>,
    ) -> Vec<Result<Receipt, PublishError>> {
        self.publisher.publish(&messages).await
    }

    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError> {
        message.check(MAX_BODY)?;
        let sent = self.unconfirmed.send(message).await;
        sent.map_err(|_| PublishError::Refused("the runtime is shutting down".to_owned()))
    }

    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError> {
        let partitions = self.settings.partitions;
        assert!(partition < partitions, "partition {partition} of {partitions}");
        let waiting = self.shared.wakeups.of(self.id, partition);
        let max = max.get().min(MOST);
        let mut recheck_blocked = RECHECK_BLOCKED;
        loop {
            // If this call is dropped, or leaves messages behind, another worker has to look.
            let successor = waiting.wake_on_drop();
            let claimed = self.claim(partition, max).await?;
            if claimed.len() < max {
                successor.disarm();
            }
            if !claimed.is_empty() {
                return Ok(claimed);
            }
            let (next_due, blocked) = self.next(partition).await?;
            let recheck = if blocked { recheck_blocked } else { RECHECK };
            recheck_blocked = RECHECK.min(recheck_blocked * 2);
            let _either = timeout(recheck.min(next_due), waiting.woken()).await;
        }
    }

    async fn settle(
        &self,
        tokens: &[Token],
        how: Settle,
    ) -> Vec<Result<(), BrokerError>> {
        let settled = settle(&self.shared, self.id, &self.settings, tokens, how).await;
        let result = || settled.clone().map_err(BrokerError::from);
        repeat_with(result).take(tokens.len()).collect()
    }

    async fn status(&self) -> Result<Status, BrokerError> {
        let row =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                let status = query_as::<_, (i64, i64, i64, i64)>(STATUS).bind(self.id);
                status.fetch_one(&mut *connection).await
            });
        let (in_flight, stored, redelivered, dead) = row.await?;
        let number = |count: i64| usize::try_from(count).expect("a count");
        Ok(Status {
            waiting: number(stored - in_flight),
            in_flight: number(in_flight),
            redelivered: number(redelivered),
            dead: number(dead),
        })
    }

    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError> {
        let rows =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                let dead = query_as::<_, (_, _, Vec<u8>)>(DEAD_LETTERS).bind(self.id);
                dead.fetch_all(&mut *connection).await
            });
        let message =
            |(id, key, body): (_, _, Vec<u8>)| Message { id, key, body: body.into() };
        Ok(rows.await?.into_iter().map(message).collect())
    }
}
