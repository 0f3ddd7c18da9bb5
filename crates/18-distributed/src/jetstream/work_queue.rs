//! A queue is a stream; a message leaves it when a worker acknowledges it, or as a dead letter.

use std::{
    collections::HashSet,
    num::NonZeroUsize,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use async_nats::jetstream::{
    consumer::{self, AckPolicy, IntoConsumerConfig},
    publish::PublishAck,
    stream::{self, DiscardPolicy, RetentionPolicy},
};
use async_trait::async_trait;
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    connection::Connection,
    dead_letters::DeadLetters,
    failure::{ApiError, Failed, REMOVED, publish_error},
    link::{Link, PAUSE},
    publishing::{ID, Outgoing, WINDOW, publish, read},
    pull::pull,
    settling::{Held, sequence, settle},
    stream_config::unlimited,
};
use crate::{
    BrokerError, Delivery, Message, PublishError, Queue, Receipt, Settings, Settle,
    Status, Token,
};

/// How many workers may wait for a message of one partition, those that have died while they waited included.
const MAX_WAITING: i64 = 4096;

/// How often a full queue is swept. Arbitrary: rare enough for a publisher that repeats without a pause.
const SWEEP: Duration = Duration::from_secs(1);

/// What the server answers to the question for the numbers of the messages in a stream.
#[derive(Deserialize)]
struct StreamNumbers {
    state: Numbers,
}

#[derive(Deserialize)]
struct Numbers {
    first_seq: u64,
    last_seq: u64,
    /// Those in between that it does not have any more.
    #[serde(default)]
    deleted: Vec<u64>,
}

pub(super) struct WorkQueueStream {
    link: Arc<Link>,
    stream: String,
    /// The subjects of the partitions, without their numbers.
    subject: String,
    dead: DeadLetters,
    settings: Settings,
    /// The number of the connection for which the stream was swept; see [`sweep`](Self::sweep).
    prepared: tokio::sync::Mutex<u64>,
    /// When it was last swept because it was full.
    last_sweep: Mutex<Option<Instant>>,
    /// For the deliveries, which settle themselves.
    this: Weak<Self>,
}

impl WorkQueueStream {
    pub(super) async fn open(
        link: Arc<Link>,
        space: &str,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<Self>, BrokerError> {
        let dead = DeadLetters::open(&link, space, name).await?;
        let new = |this: &Weak<Self>| Self {
            link,
            stream: format!("{space}+queue+{name}"),
            subject: format!("{space}.queue.{name}"),
            dead,
            settings,
            prepared: tokio::sync::Mutex::new(0),
            last_sweep: Mutex::new(None),
            this: this.clone(),
        };
        let queue = Arc::new_cyclic(new);
        queue.create_stream().await?;
        queue.link.wait_until_ready(&queue.partition_subject(0)).await?;
        let partitions = 0..queue.settings.partitions;
        try_join_all(partitions.map(|partition| queue.create_consumer(partition)))
            .await?;
        queue.prepared_connection(Instant::now() + queue.link.reconnect_timeout).await?;
        Ok(queue)
    }

    /// A stream that exists with the same configuration is left as it is; with another one, it is an error.
    async fn create_stream(&self) -> Result<(), ApiError> {
        let settings = &self.settings;
        let config = stream::Config {
            // Settings that the stream has no field for. They make an open with other settings fail.
            description: Some(format!("{settings:?}")),
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            max_messages: settings.max_messages.map_or(-1, saturating),
            duplicate_window: settings.dedup_window,
            ..unlimited(&self.stream, self.subjects())
        };
        self.link.create_stream(&config).await
    }

    async fn create_consumer(&self, partition: usize) -> Result<(), ApiError> {
        let name = consumer(partition);
        let config = consumer::pull::Config {
            durable_name: Some(name.clone()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.settings.ack_wait,
            // The server would leave a message in the stream that it delivers no more. So this code counts.
            max_deliver: -1,
            max_ack_pending: saturating(self.settings.max_ack_pending),
            max_waiting: MAX_WAITING,
            filter_subject: self.partition_subject(partition),
            ..Default::default()
        };
        let (stream, filter) = (&self.stream, &config.filter_subject);
        let what = format!("CONSUMER.CREATE.{stream}.{name}.{filter}");
        let body =
            json!({ "stream_name": stream, "config": config.into_consumer_config() });
        self.link.ask::<Value>(what, &body).await.map(drop)
    }

    /// Not all with a `*`: a message of another program for no partition would take one of `max_messages`
    /// forever.
    fn subjects(&self) -> Vec<String> {
        let partitions = 0..self.settings.partitions;
        let partitions = partitions.map(|partition| self.partition_subject(partition));
        partitions.chain([self.skipped_subject()]).collect()
    }

    /// The subject of the messages that no worker receives.
    fn skipped_subject(&self) -> String {
        format!("{}.skipped", self.subject)
    }

    fn partition_subject(&self, partition: usize) -> String {
        format!("{}.{partition}", self.subject)
    }

    async fn consumer_info(&self, partition: usize) -> Result<consumer::Info, ApiError> {
        let what = format!("CONSUMER.INFO.{}.{}", self.stream, consumer(partition));
        self.link.ask(what, &json!({})).await
    }

    /// Where questions about the consumer of a partition are asked.
    pub(super) fn info_subject(&self, partition: usize) -> String {
        format!("$JS.API.CONSUMER.INFO.{}.{}", self.stream, consumer(partition))
    }

    /// Where the consumer of a partition takes requests.
    pub(super) fn pull_subject(&self, partition: usize) -> String {
        format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", self.stream, consumer(partition))
    }

    /// Whether the workers of a partition hold as many messages as they may.
    pub(super) async fn is_blocked(&self, partition: usize) -> bool {
        let info = self.consumer_info(partition).await;
        info.is_ok_and(|info| info.num_ack_pending >= self.settings.max_ack_pending)
    }

    /// Prepares the queue for a new connection, before which the server may have been killed.
    pub(super) async fn prepare(&self, connection: &Connection) -> Result<(), ApiError> {
        let mut prepared = self.prepared.lock().await;
        if *prepared != connection.number {
            self.sweep().await?;
            *prepared = connection.number;
        }
        Ok(())
    }

    async fn prepared_connection(
        &self,
        deadline: Instant,
    ) -> Result<Arc<Connection>, BrokerError> {
        let connection = self.link.connection(deadline).await?;
        match self.prepare(&connection).await {
            // No message can get a number that has to be skipped, as long as none can be stored. It is tried
            // again by the next operation.
            Err(error) if error.is_queue_full() => Ok(connection),
            prepared => Ok(prepared.map(|()| connection)?),
        }
    }

    /// Repairs what a killed server leaves behind, because it writes the state of a stream and the states of
    /// its consumers at different moments.
    ///
    /// - An acknowledged message is in the stream again. No worker gets it, but it would take one of
    ///   `max_messages` forever.
    /// - A message that was removed counts as in flight again. It would take one of `max_ack_pending` forever.
    /// - If the last messages were removed, the stream may give their numbers to new ones. A consumer has
    ///   delivered those numbers, so no worker would ever get the new messages.
    async fn sweep(&self) -> Result<(), ApiError> {
        let partitions = 0..self.settings.partitions;
        let infos = partitions.map(|partition| self.consumer_info(partition));
        let infos = try_join_all(infos).await?;
        let what = format!("STREAM.INFO.{}", self.stream);
        let details = json!({ "deleted_details": true });
        let StreamNumbers { state } = self.link.ask(what, &details).await?;
        for (partition, info) in infos.iter().enumerate() {
            let done = info.ack_floor.stream_sequence.min(state.last_seq);
            self.delete_up_to(done, &self.partition_subject(partition)).await?;
            if info.num_ack_pending > 0 {
                self.acknowledge_removed(partition, info, &state).await;
            }
        }
        // Of a process that was killed while it skipped numbers, or of another program.
        self.delete_up_to(state.last_seq, &self.skipped_subject()).await?;
        let delivered = infos.iter().map(|info| info.delivered.stream_sequence).max();
        self.skip_numbers(state.last_seq, delivered.unwrap_or_default()).await
    }

    /// Not with one `STREAM.PURGE` up to the last of them: with nats-server 2.9.10, that makes the consumer
    /// forget every message in flight, also those behind it. They would never be delivered again.
    async fn delete_up_to(&self, done: u64, subject: &str) -> Result<(), ApiError> {
        let mut next = 1;
        while next <= done {
            let first = self.link.first_stored(&self.stream, subject, next).await?;
            let Some(first) = first.filter(|sequence| *sequence <= done) else { break };
            self.link.delete(&self.stream, first).await?;
            next = first + 1;
        }
        Ok(())
    }

    async fn acknowledge_removed(
        &self,
        partition: usize,
        info: &consumer::Info,
        state: &Numbers,
    ) {
        let deleted: HashSet<_> = state.deleted.iter().collect();
        let is_removed = |sequence: &u64| {
            !(state.first_seq..=state.last_seq).contains(sequence)
                || deleted.contains(sequence)
        };
        let delivered =
            info.ack_floor.stream_sequence + 1..=info.delivered.stream_sequence;
        let token = |sequence| self.token(partition, sequence);
        let removed: Vec<_> = delivered.filter(is_removed).map(token).collect();
        for some in removed.chunks(WINDOW) {
            let some: Vec<_> = some.iter().collect();
            settle(&self.link, &self.stream, &some, Settle::Ack).await;
        }
    }

    /// What acknowledges the message with this number, whichever delivery of it is the last.
    ///
    /// The server knows the number of that delivery, if the message is in flight. If it is not, the server
    /// compares the one that is given here: with the first after those that are done, it takes all messages
    /// up to this one for done. So it is 0, which no delivery has.
    fn token(&self, partition: usize, sequence: u64) -> Token {
        let (stream, consumer) = (&self.stream, consumer(partition));
        Token(format!("$JS.ACK.{stream}.{consumer}.1.{sequence}.0.0.0"))
    }

    /// A connection broke while it received. If the server is still the same, perhaps a message has broken
    /// it, and would break the next ones, once in each `ack_wait`.
    async fn look_for_undeliverable(
        &self,
        partition: usize,
        broken: &Connection,
        deadline: Instant,
    ) {
        let Ok(connection) = self.prepared_connection(deadline).await else { return };
        if connection.has_server_of(broken) {
            // If that fails, the message breaks another connection, and this is tried again.
            self.move_undeliverable(partition).await.ok();
        }
    }

    /// Makes dead letters of the messages in flight whose headers the client cannot read.
    async fn move_undeliverable(&self, partition: usize) -> Result<(), BrokerError> {
        let info = self.consumer_info(partition).await?;
        let subject = self.partition_subject(partition);
        let mut next = info.ack_floor.stream_sequence + 1;
        while next <= info.delivered.stream_sequence
            && let Some(stored) =
                self.link.next_stored(&self.stream, &subject, next).await?
        {
            let message = stored.message;
            next = message.sequence + 1;
            if !stored.is_deliverable {
                let (headers, body) = (message.headers, message.payload);
                self.dead.store(&self.link, message.sequence, headers, body).await?;
                let token = self.token(partition, message.sequence);
                settle(&self.link, &self.stream, &[&token], Settle::Ack).await;
            }
        }
        Ok(())
    }

    /// Stores and removes messages for no worker, until the next number is one that was never delivered.
    async fn skip_numbers(&self, last: u64, delivered: u64) -> Result<(), ApiError> {
        if last >= delivered {
            return Ok(());
        }
        let subject = self.skipped_subject();
        for _ in last..delivered {
            let skipped = self.link.store_empty(&subject).await?;
            self.link.delete(&self.stream, skipped).await?;
        }
        Ok(())
    }

    fn outgoing(&self, message: Message) -> Result<Outgoing, PublishError> {
        // The server knows the limit of the size.
        message.check(usize::MAX)?;
        let partition = message.partition(self.settings.partitions);
        Ok(Outgoing::new(self.partition_subject(partition), message))
    }

    /// What a worker gets of a received message. None if it has become a dead letter instead.
    async fn delivery(&self, received: async_nats::Message) -> Option<Delivery> {
        let held = Held::of(&received)?;
        let headers = received.headers.unwrap_or_default();
        if held.deliveries > self.settings.max_deliver {
            // If that fails, it is delivered again after `ack_wait`, and tried again.
            let stored =
                self.dead.store(&self.link, held.sequence, headers, received.payload);
            if stored.await.is_ok() {
                settle(&self.link, &self.stream, &[&held.token], Settle::Ack).await;
            }
            return None;
        }
        Some(Delivery {
            message: read(&headers, ID, received.payload),
            deliveries: held.deliveries,
            token: held.token,
            queue: self.this.upgrade().expect("the caller has a handle"),
        })
    }

    /// Moves the message of a delivery to the dead letters, unless it is already removed.
    async fn move_to_dead_letters(&self, token: &Token) -> Result<(), BrokerError> {
        let Some(sequence) = sequence(token) else { return Ok(()) };
        if let Some(stored) = self.link.stored(&self.stream, sequence).await? {
            let (headers, body) = (stored.message.headers, stored.message.payload);
            self.dead.store(&self.link, sequence, headers, body).await?;
        }
        Ok(())
    }
}

fn consumer(partition: usize) -> String {
    format!("partition-{partition}")
}

fn saturating(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[async_trait]
impl Queue for WorkQueueStream {
    async fn publish(
        &self,
        messages: Vec<Message>,
    ) -> Vec<Result<Receipt, PublishError>> {
        let checked: Vec<_> = messages.into_iter().map(|it| self.outgoing(it)).collect();
        let outgoing: Vec<_> =
            checked.iter().filter_map(|it| it.as_ref().ok()).cloned().collect();
        let mut stored = self.store(&outgoing).await.into_iter();
        let mut result = |checked: Result<Outgoing, _>| match checked {
            Ok(_) => stored.next().expect("each has a result"),
            Err(error) => Err(error),
        };
        checked.into_iter().map(&mut result).collect()
    }

    async fn publish_and_forget(&self, message: Message) -> Result<(), PublishError> {
        let outgoing = self.outgoing(message)?;
        let deadline = Instant::now() + self.link.reconnect_timeout;
        let away = |error: BrokerError| PublishError::Unknown(error.to_string());
        let connection = self.prepared_connection(deadline).await.map_err(away)?;
        outgoing.forget(&connection).await
    }

    async fn receive(
        &self,
        partition: usize,
        max: NonZeroUsize,
    ) -> Result<Vec<Delivery>, BrokerError> {
        assert!(
            partition < self.settings.partitions,
            "there is no partition {partition}"
        );
        // The server would keep a larger request although it can fill no more of it.
        let max = max.get().min(self.settings.max_ack_pending);
        let mut deadline = Instant::now() + self.link.reconnect_timeout;
        loop {
            let connection = self.prepared_connection(deadline).await?;
            let pulled = pull(self, &connection.client, partition, max).await;
            if !connection.is_alive() {
                self.look_for_undeliverable(partition, &connection, deadline).await;
            }
            let why = match pulled {
                Ok(received) => {
                    let mut deliveries = Vec::with_capacity(received.len());
                    for message in received {
                        deliveries.extend(self.delivery(message).await);
                    }
                    if !deliveries.is_empty() {
                        return Ok(deliveries);
                    }
                    deadline = Instant::now() + self.link.reconnect_timeout;
                    continue;
                }
                Err(Failed::Refused(error)) => return Err(error),
                Err(Failed::NoAnswer(why)) => why,
                Err(Failed::NoListener) => "JetStream does not answer".to_owned(),
            };
            if self.link.is_removed(&connection, &self.stream).await {
                return Err(BrokerError::Server(REMOVED.to_owned()));
            }
            if Instant::now() >= deadline {
                return Err(BrokerError::Connection(why));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn settle(
        &self,
        tokens: &[Token],
        how: Settle,
    ) -> Vec<Result<(), BrokerError>> {
        if how != Settle::Term {
            let tokens: Vec<_> = tokens.iter().collect();
            return settle(&self.link, &self.stream, &tokens, how).await;
        }
        let mut results = Vec::with_capacity(tokens.len());
        for token in tokens {
            results.push(match self.move_to_dead_letters(token).await {
                Ok(()) => settle(&self.link, &self.stream, &[token], Settle::Ack)
                    .await
                    .pop()
                    .expect("one delivery has one result"),
                Err(error) => Err(error),
            });
        }
        results
    }

    async fn status(&self) -> Result<Status, BrokerError> {
        let partitions = 0..self.settings.partitions;
        let infos =
            try_join_all(partitions.map(|partition| self.consumer_info(partition)))
                .await?;
        let mut status =
            Status { dead: self.dead.count(&self.link).await?, ..Status::default() };
        for info in infos {
            status.waiting += usize::try_from(info.num_pending).unwrap_or(usize::MAX);
            status.in_flight += info.num_ack_pending;
            status.redelivered += info.num_redelivered;
        }
        Ok(status)
    }

    async fn dead_letters(&self) -> Result<Vec<Message>, BrokerError> {
        self.dead.read(&self.link).await
    }
}

impl WorkQueueStream {
    /// Publishes, and if the stream is full, perhaps of acknowledged messages, once more.
    async fn store(&self, outgoing: &[Outgoing]) -> Vec<Result<Receipt, PublishError>> {
        let mut results = self.store_once(outgoing).await;
        let is_full =
            |result: &Result<_, _>| matches!(result, Err(PublishError::Full(_)));
        let full: Vec<_> = (0..results.len()).filter(|&i| is_full(&results[i])).collect();
        if !full.is_empty() && self.has_swept().await {
            let again: Vec<_> =
                full.iter().map(|&index| outgoing[index].clone()).collect();
            for (index, result) in full.into_iter().zip(self.store_once(&again).await) {
                results[index] = result;
            }
        }
        results
    }

    /// Sweeps, unless this was done in the last second, and returns whether it has.
    async fn has_swept(&self) -> bool {
        let is_due = {
            let mut last = self.last_sweep.lock().expect("no holder panics");
            let is_due = last.is_none_or(|last| last.elapsed() > SWEEP);
            if is_due {
                *last = Some(Instant::now());
            }
            is_due
        };
        is_due && self.sweep().await.is_ok()
    }

    async fn store_once(
        &self,
        outgoing: &[Outgoing],
    ) -> Vec<Result<Receipt, PublishError>> {
        let stored = publish(&self.link, &self.stream, outgoing, Some(self)).await;
        let receipt = |result: Result<PublishAck, _>| match result {
            Ok(ack) => Ok(Receipt { duplicate: ack.duplicate }),
            Err(why) => Err(publish_error(why, self.settings.max_messages)),
        };
        stored.into_iter().map(receipt).collect()
    }
}
