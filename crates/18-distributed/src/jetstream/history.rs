//! An append to a stream fails if its last message is not the one that the append names.

use std::{num::NonZeroU64, sync::Arc};

use async_nats::jetstream::{
    message::StreamMessage,
    stream::{self, DiscardPolicy},
};
use async_trait::async_trait;
use bytes::Bytes;

use super::{
    failure::{ApiError, append_error},
    link::Link,
    publishing::{ID, Outgoing, made_id, publish_one},
    stream_config::unlimited,
};
use crate::{AppendError, BrokerError, Entry, Log};

pub(super) struct History {
    link: Arc<Link>,
    stream: String,
    subject: String,
}

impl History {
    pub(super) async fn open(
        link: Arc<Link>,
        space: &str,
        name: &str,
    ) -> Result<Self, ApiError> {
        let stream = format!("{space}+log+{name}");
        let subject = format!("{space}.log.{name}");
        let config = stream::Config {
            discard: DiscardPolicy::New,
            deny_delete: true,
            deny_purge: true,
            ..unlimited(&stream, vec![subject.clone()])
        };
        link.create_stream(&config).await?;
        Ok(Self { link, stream, subject })
    }
}

#[async_trait]
impl Log for History {
    async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError> {
        let expected = ("Nats-Expected-Last-Sequence", after.to_string());
        // The server looks for a duplicate first: so if an acknowledgement was lost, the second attempt is
        // no conflict with the first.
        let headers = vec![(ID, made_id()), expected];
        let outgoing = Outgoing { subject: self.subject.clone(), headers, body };
        match publish_one(&self.link, &self.stream, outgoing).await {
            Ok(ack) => Ok(ack.sequence),
            Err(why) => Err(append_error(why, after)),
        }
    }

    async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError> {
        let Some(max) = NonZeroU64::new(max as u64) else { return Ok(Vec::new()) };
        let stored = self.link.read(&self.stream, after, max).await?;
        let entry = |stored: StreamMessage| Entry {
            number: stored.sequence,
            body: stored.payload,
        };
        Ok(stored.into_iter().map(entry).collect())
    }
}
