//! An operation on a broker that does not answer is repeated for a minute, so a restart loses no work.

use std::time::Duration;

use async_kit::{Backoff, Retry};

use super::CrawlError;
use crate::{BrokerError, PublishError};

/// With pauses of up to 1 s these take about a minute, which is longer than a server needs for a restart. The
/// time of an operation does not count, because a worker may wait for hours until there is a message.
const ATTEMPTS: u32 = 64;

/// An error after which the same operation may succeed.
pub(super) trait Retryable: Into<CrawlError> {
    fn is_retryable(&self) -> bool;
}

impl Retryable for BrokerError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Server(_))
    }
}

impl Retryable for PublishError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Full(_) | Self::StoreFull)
    }
}

/// Repeats an operation that may be repeated, until it succeeds or has failed for a minute.
pub(super) async fn with_retries<T, E: Retryable, F: Future<Output = Result<T, E>>>(
    operation: impl FnMut() -> F,
) -> Result<T, CrawlError> {
    let backoff = Backoff::exponential(Duration::from_millis(50));
    let retry = Retry::new(backoff.max(Duration::from_secs(1))).attempts(ATTEMPTS);
    Ok(retry.when(E::is_retryable).run(operation).await?)
}
