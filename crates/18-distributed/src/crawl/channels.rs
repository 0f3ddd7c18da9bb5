//! Every process of a crawl opens the same three queues and the same log.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{CrawlError, Plan, retry::with_retries};
use crate::{Broker, Delivery, Log, Message, Queue, Settings};

/// The log of the visits.
pub(super) const VISITS: &str = "visits";

/// In practice no limit. A page that kills its workers must not become a dead letter, because the scheduler
/// needs its result. The plan is delivered again for each process that dies.
const MAX_DELIVER: u32 = 1_000_000;

/// How long after the start of a crawl a second process cannot start it again.
const BEGINNING: Duration = Duration::from_secs(24 * 60 * 60);

/// What every process of a crawl shares.
#[derive(Clone)]
pub(super) struct Channels {
    pub(super) crawl: Arc<dyn Queue>,
    pub(super) pages: Arc<dyn Queue>,
    pub(super) results: Arc<dyn Queue>,
    pub(super) visits: Arc<dyn Log>,
}

/// The message of the queue `crawl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CrawlMessage {
    /// The crawl is running, and the process that holds the message is the scheduler.
    Plan(Plan),
    /// The crawl is over, and each process passes this on.
    Over,
}

impl Channels {
    pub(super) async fn open(
        broker: &dyn Broker,
        ack_wait: Duration,
    ) -> Result<Self, CrawlError> {
        let settings = Settings {
            ack_wait,
            max_deliver: MAX_DELIVER,
            max_ack_pending: 100_000,
            // The result of a page, and the report that it is lost, are at least one `ack_wait` apart.
            dedup_window: Settings::default().dedup_window.max(4 * ack_wait),
            ..Settings::default()
        };
        let once = Settings { dedup_window: BEGINNING, ..settings.clone() };
        Ok(Self {
            crawl: with_retries(|| broker.queue("crawl", once.clone())).await?,
            pages: with_retries(|| broker.queue("pages", settings.clone())).await?,
            results: with_retries(|| broker.queue("results", settings.clone())).await?,
            visits: with_retries(|| broker.log(VISITS)).await?,
        })
    }

    /// Begins the crawl if no process has begun it yet.
    pub(super) async fn begin(&self, plan: &Plan) -> Result<(), CrawlError> {
        let has_begun = !with_retries(|| self.visits.read(0, 1)).await?.is_empty();
        if has_begun {
            return Ok(());
        }
        self.publish(&CrawlMessage::Plan(plan.clone()), "plan").await
    }

    /// Publishes that the crawl is over, for every process.
    pub(super) async fn end(&self) -> Result<(), CrawlError> {
        self.publish(&CrawlMessage::Over, "over").await
    }

    async fn publish(&self, message: &CrawlMessage, id: &str) -> Result<(), CrawlError> {
        let body = serde_json::to_vec(message).expect("plain data");
        let message = Message::new(body).id(id);
        with_retries(|| self.crawl.publish_one(message.clone())).await?;
        Ok(())
    }

    /// Receives a message of the queue `crawl`. A message of another program becomes a dead letter.
    pub(super) async fn receive(&self) -> Result<(CrawlMessage, Delivery), CrawlError> {
        loop {
            let delivery = with_retries(|| self.crawl.receive_one()).await?;
            match serde_json::from_slice(&delivery.message.body) {
                Ok(message) => return Ok((message, delivery)),
                // If this does not arrive, the message is delivered again.
                Err(_) => drop(delivery.term().await),
            }
        }
    }
}
