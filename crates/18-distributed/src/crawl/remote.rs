//! The crawler's engine runs unchanged when another process requests its pages.

use std::{future::pending, sync::Arc, time::Duration};

use crawler::{
    Address, Failure, Response, Robots, Visit,
    engine::{Fetch, Record},
};
use tokio::{
    sync::{Mutex, mpsc},
    time::Instant,
};

use super::{
    CrawlError,
    history::Writer,
    inbox::{Arrived, Inbox},
    job::Job,
    pace::Pace,
    publisher::Publisher,
    steps::{Step, Steps},
};
use crate::{Message, Token};

/// How many workers may die while they request only this page. Arbitrary. Without a limit, a page that kills
/// its workers, for example because it needs too much memory, would end every process of the crawl. The first
/// death, with which the suspicion begins, does not count: it may be due to another page.
const MAX_DEATHS: usize = 5;

/// Requests pages through the queue, and each `robots.txt` itself.
pub(super) struct Remote<F> {
    pub(super) fetch: Arc<F>,
    pub(super) pages: Publisher,
    pub(super) inbox: Arc<Inbox>,
    pub(super) pace: Pace,
    /// What ends this scheduler. A request itself cannot fail by the broker: that is no outcome of a
    /// page.
    pub(super) failures: mpsc::UnboundedSender<CrawlError>,
}

impl<F: Fetch> Fetch for Remote<F> {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let mut host = self.pace.robots(address).await;
        let started = Instant::now();
        let robots = self.fetch.robots(address).await;
        if let Ok(robots) = &robots {
            host.delay = host.delay.max(robots.delay().unwrap_or_default());
        }
        // The frontier itself waits for as long as the host asks.
        host.requested(started, Duration::ZERO);
        robots
    }

    // ANCHOR: page
    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        if let Some(arrived) = self.inbox.take_ready(address)
            && let Some(outcome) = arrived.fetched.into_outcome()
        {
            return outcome;
        }
        while self.inbox.deaths(address) < MAX_DEATHS {
            match self.request(address).await {
                Ok(Some(outcome)) => return outcome,
                Ok(None) => {}
                Err(error) => {
                    let _ = self.failures.send(error);
                    pending().await
                }
            }
        }
        Err(Failure::Unparsed(format!("{MAX_DEATHS} workers have died of it")))
    }
    // ANCHOR_END: page
}

impl<F> Remote<F> {
    /// Lets a worker request the page. Returns `None` if the worker had no outcome at its end.
    async fn request(&self, address: &Address) -> Result<Requested, CrawlError> {
        let slot = self.pace.acquire(address).await;
        let (id, result) = self.inbox.expect();
        let is_suspected = self.inbox.is_suspected(address);
        let job = Job { id: id.clone(), address: address.clone(), is_suspected };
        let body = serde_json::to_vec(&job).expect("plain data");
        self.pages.publish(vec![Message::new(body).id(id)]).await?;
        let Arrived { fetched, started } =
            result.await.expect("the inbox is not dropped before the requests");
        slot.release(started, fetched.pause());
        Ok(fetched.into_outcome())
    }
}

type Requested = Option<Result<Response, Failure>>;

/// Appends visits to the log, and then lets their results be acknowledged.
pub(super) struct Recorder {
    pub(super) writer: Arc<Mutex<Writer>>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) done: mpsc::UnboundedSender<Vec<Token>>,
    pub(super) steps: Steps,
}

impl Record for Recorder {
    type Error = CrawlError;

    async fn record(
        &mut self,
        visits: Vec<Visit>,
        _waiting: usize,
    ) -> Result<(), CrawlError> {
        if visits.is_empty() {
            return Ok(());
        }
        self.writer.lock().await.append(&visits).await?;
        self.steps.at(Step::Appended).await;
        // The next request need not wait for it: if it is lost, the result is delivered again.
        let _ = self.done.send(self.inbox.recorded(&visits));
        Ok(())
    }
}
