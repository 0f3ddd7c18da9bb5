//! To the crawler's engine, a page that another process requests is a page like any other.

use std::{future::pending, sync::Arc};

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
    board::{Arrived, Board},
    history::Writer,
    job::Job,
    pace::Pace,
    publisher::Publisher,
    steps::{Step, Steps},
};
use crate::{Message, Token};

/// Requests pages through the queue, and each `robots.txt` itself.
pub(super) struct Remote<F> {
    pub(super) fetch: Arc<F>,
    pub(super) pages: Publisher,
    pub(super) board: Arc<Board>,
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
        host.requested(started, std::time::Duration::ZERO);
        robots
    }

    // ANCHOR: page
    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        let arrived = match self.board.take_ready(address) {
            Some(arrived) => arrived,
            None => match self.request(address).await {
                Ok(arrived) => arrived,
                Err(error) => {
                    let _ = self.failures.send(error);
                    pending().await
                }
            },
        };
        arrived.fetched.into_outcome()
    }
    // ANCHOR_END: page
}

impl<F> Remote<F> {
    async fn request(&self, address: &Address) -> Result<Arrived, CrawlError> {
        let turn = self.pace.turn(address).await;
        let (id, result) = self.board.expect();
        let job = Job { id: id.clone(), address: address.clone(), delay: turn.delay };
        let body = serde_json::to_vec(&job).expect("plain data");
        self.pages.publish(vec![Message::new(body).id(id)]).await?;
        let arrived = result.await.expect("the board is not dropped before the requests");
        turn.end(arrived.started, arrived.fetched.pause());
        Ok(arrived)
    }
}

/// Appends visits to the log, and then lets their results be acknowledged.
pub(super) struct Recorder {
    pub(super) writer: Arc<Mutex<Writer>>,
    pub(super) board: Arc<Board>,
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
        let _ = self.done.send(self.board.recorded(&visits));
        Ok(())
    }
}
