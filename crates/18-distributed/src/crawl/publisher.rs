//! Messages that many tasks publish at the same time share one round trip.

use std::{future::pending, num::NonZeroUsize, sync::Arc, time::Duration};

use async_kit::Batcher;

use super::{
    CrawlError,
    retry::{Retryable, with_retries},
};
use crate::{Message, Queue};

/// How many calls of `publish` share a batch at most. Arbitrary.
const MAX_BATCH: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// Publishes to a queue. Every message must have an id, because a batch of which one message was not
/// stored is published again.
pub(super) struct Publisher(Batcher<Vec<Message>, Published>);

/// One task gets the error of a batch. It ends the crawl of this process, so the others wait for their
/// end.
type Published = Result<(), Option<CrawlError>>;

impl Publisher {
    /// Makes a publisher that asks `may_publish` before each attempt to publish a batch.
    pub(super) fn new<F>(
        queue: Arc<dyn Queue>,
        may_publish: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), CrawlError>> + Send + 'static,
    {
        let may_publish = Arc::new(may_publish);
        let publish = move |batch: Vec<Vec<Message>>| {
            let (queue, may_publish) = (Arc::clone(&queue), Arc::clone(&may_publish));
            async move {
                let mut results: Vec<_> = batch.iter().map(|_| Ok(())).collect();
                let messages = batch.concat();
                // A retry may come when the process may not publish any more.
                let published = with_retries(|| async {
                    may_publish().await?;
                    publish(&*queue, messages.clone()).await
                });
                if let Err(error) = published.await {
                    results.fill_with(|| Err(None));
                    results[0] = Err(Some(error));
                }
                results
            }
        };
        Self(Batcher::new(MAX_BATCH, Duration::ZERO, publish))
    }

    /// Publishes messages, and returns when they are stored.
    pub(super) async fn publish(&self, messages: Vec<Message>) -> Result<(), CrawlError> {
        match self.0.submit(messages).await.expect("its runtime has not ended") {
            Ok(()) => Ok(()),
            Err(Some(error)) => Err(error),
            Err(None) => pending().await,
        }
    }
}

async fn publish(queue: &dyn Queue, messages: Vec<Message>) -> Result<(), CrawlError> {
    let receipts = queue.publish(messages).await;
    Ok(receipts.into_iter().try_for_each(|receipt| receipt.map(drop))?)
}

impl Retryable for CrawlError {
    /// The operations of all other errors have been repeated already.
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Publish(error) if error.is_retryable())
    }
}
