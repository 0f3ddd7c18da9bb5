//! A partition is a subject of the stream, and a durable consumer that delivers its messages.

use async_nats::jetstream::{
    consumer::{self, AckPolicy, IntoConsumerConfig},
    stream::{self, DiscardPolicy, RetentionPolicy},
};
use serde_json::{Value, json};

use super::WorkQueueStream;
use crate::{
    Token,
    jetstream::{failure::ApiError, stream_config::unlimited},
};

/// How many workers may wait for a message of one partition, those that have died while they waited included.
const MAX_WAITING: i64 = 4096;

impl WorkQueueStream {
    /// A stream that exists with the same configuration is left as it is; with another one, it is an error.
    pub(super) async fn create_stream(&self) -> Result<(), ApiError> {
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

    pub(super) async fn create_consumer(&self, partition: usize) -> Result<(), ApiError> {
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

    /// The subjects, one by one: with a `*`, a message of another program for no partition would take one of
    /// `max_messages` forever.
    fn subjects(&self) -> Vec<String> {
        let partitions = 0..self.settings.partitions;
        let partitions = partitions.map(|partition| self.partition_subject(partition));
        partitions.chain([self.skipped_subject()]).collect()
    }

    /// The subject of the messages that no worker receives.
    pub(super) fn skipped_subject(&self) -> String {
        format!("{}.skipped", self.subject)
    }

    pub(super) fn partition_subject(&self, partition: usize) -> String {
        format!("{}.{partition}", self.subject)
    }

    pub(super) async fn consumer_info(
        &self,
        partition: usize,
    ) -> Result<consumer::Info, ApiError> {
        let what = format!("CONSUMER.INFO.{}.{}", self.stream, consumer(partition));
        self.link.ask(what, &json!({})).await
    }

    /// Where questions about the consumer of a partition are asked.
    pub(in crate::jetstream) fn info_subject(&self, partition: usize) -> String {
        format!("$JS.API.CONSUMER.INFO.{}.{}", self.stream, consumer(partition))
    }

    /// Where the consumer of a partition takes requests.
    pub(in crate::jetstream) fn pull_subject(&self, partition: usize) -> String {
        format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", self.stream, consumer(partition))
    }

    /// Whether the workers of a partition hold as many messages as they may.
    pub(in crate::jetstream) async fn is_blocked(&self, partition: usize) -> bool {
        let info = self.consumer_info(partition).await;
        info.is_ok_and(|info| info.num_ack_pending >= self.settings.max_ack_pending)
    }

    /// What acknowledges the message with this number, whichever delivery of it is the last.
    ///
    /// The server knows the number of that delivery, if the message is in flight. If it is not, the server
    /// compares the one that is given here: with the first after those that are done, it takes all messages
    /// up to this one for done. So it is 0, which no delivery has.
    pub(super) fn token(&self, partition: usize, sequence: u64) -> Token {
        let (stream, consumer) = (&self.stream, consumer(partition));
        Token(format!("$JS.ACK.{stream}.{consumer}.1.{sequence}.0.0.0"))
    }
}

fn consumer(partition: usize) -> String {
    format!("partition-{partition}")
}

fn saturating(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
