//! A new scheduler waits for the pages of its predecessor, and uses their results instead of requesting them again.

use std::time::Duration;

use crawler::engine::Fetch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Scheduler;
use crate::crawl::{
    CrawlError, Plan, channels::Channels, inbox::Inbox, retry::with_retries,
};

/// How often a new scheduler asks whether its predecessor's pages are done. Arbitrary.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);

/// If the numbers of the queues do not change for this time, they are wrong, and a new scheduler begins
/// without waiting further. That loses nothing, but pages may be requested again. Longer than a request may
/// take by default.
const MAX_UNCHANGED: Duration = Duration::from_secs(15);

impl<F: Fetch> Scheduler<F> {
    /// Waits until no page of an earlier scheduler is left, and all results have arrived.
    pub(super) async fn drain(
        &self,
        inbox: &Inbox,
        stop: &CancellationToken,
    ) -> Result<(), CrawlError> {
        let Channels { pages, results, .. } = &self.channels;
        let (mut last, mut since) = (None, Instant::now());
        while !stop.is_cancelled() && since.elapsed() < MAX_UNCHANGED {
            let page = with_retries(|| pages.status()).await?;
            // A page leaves its queue after its result has entered the other one.
            let result = with_retries(|| results.status()).await?;
            let are_pages_done = page.waiting + page.in_flight == 0;
            if are_pages_done && result.waiting == 0 && result.in_flight <= inbox.len() {
                break;
            }
            if last.replace((page, result)) != Some((page, result)) {
                since = Instant::now();
            }
            sleep(DRAIN_INTERVAL).await;
        }
        Ok(())
    }
}

/// When the first request of a scheduler may start. The last one of its predecessor is unknown, but it has
/// started.
pub(super) fn first_request(plan: &Plan, number: u64) -> Instant {
    let now = Instant::now();
    if number == 1 { now } else { now + plan.limits.delay }
}
