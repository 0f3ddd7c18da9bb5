//! A full queue is swept, at most once a second, before it refuses a message.

use std::time::Duration;

use async_nats::jetstream::publish::PublishAck;
use tokio::time::Instant;

use super::WorkQueueStream;
use crate::{
    PublishError, Receipt,
    jetstream::{
        failure::publish_error,
        publishing::{Outgoing, publish},
    },
};

/// How often a full queue is swept. Arbitrary: rare enough for a publisher that repeats without a pause.
const SWEEP: Duration = Duration::from_secs(1);

impl WorkQueueStream {
    /// Publishes, and if the stream is full, perhaps of acknowledged messages, once more.
    pub(super) async fn store(
        &self,
        outgoing: &[Outgoing],
    ) -> Vec<Result<Receipt, PublishError>> {
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
