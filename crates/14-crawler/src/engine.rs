//! One task decides what to request, and each request in flight is one more task.
//!
//! An asyncio crawler is often a coroutine that fetches a page, and gathers one call of itself for
//! each link. Its limits are semaphores that thousands of tasks wait for. Here a task is spawned
//! only when its request may start, so there are never more tasks than requests. To stop the crawl,
//! the engine spawns no further task.
//!
//! [`Fetch`] and [`Record`] are all that may leave the process. The frontier is a value and no trait:
//! each of its decisions needs all that it knows, and over a network each would wait for a response. A
//! crawl on several processes has one frontier too. Its requests are made elsewhere, and what it
//! records is enough to build it again in another process.

#[cfg(test)]
mod tests;

use std::{convert::Infallible, panic::resume_unwind, sync::Arc, time::Duration};

use tokio::{
    select,
    task::{JoinError, JoinSet, yield_now},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Robots,
    failure::Failure,
    frontier::{Frontier, Job, Next},
    response::Response,
    visit::Visit,
};

/// Arbitrary. A level may have a million addresses that are off site, and they are recorded in parts,
/// so that they are never in memory together as visits.
const MAX_DECIDED: usize = 1_000;

/// Arbitrary, and in real time, because it limits computing. A `robots.txt` may have 40,000 rules with
/// `*`, and then each decision takes up to a tenth of a second. In between, `stop` must be seen.
const MAX_TURN: Duration = Duration::from_millis(100);

/// Fetches pages: from the web, or from a fake web in a test.
pub trait Fetch: Send + Sync + 'static {
    /// Fetches a site's `robots.txt` in one attempt. A site that has none allows everything.
    fn robots(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Robots, Failure>> + Send;

    /// Fetches a page in one attempt, and does not follow redirects.
    fn page(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Response, Failure>> + Send;
}

/// Records every visit before the next request starts.
pub trait Record {
    /// Why a visit could not be recorded.
    type Error;

    /// Records these finished visits. `waiting` is the number of addresses that still wait.
    fn record(
        &mut self,
        visits: Vec<Visit>,
        waiting: usize,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Keeps every visit in memory, for a crawl whose size is known.
impl Record for Vec<Visit> {
    type Error = Infallible;

    async fn record(&mut self, visits: Vec<Visit>, _: usize) -> Result<(), Infallible> {
        self.extend(visits);
        Ok(())
    }
}

/// Visits all addresses that the frontier allows. If `stop` is cancelled, no further request
/// starts, and the requests in flight are finished.
///
/// # Errors
///
/// The error of the recorder: a crawl that cannot be recorded ends immediately.
///
/// # Panics
///
/// If a fetch panics, with the same panic.
///
/// # Cancel safety
///
/// Dropping it ends every request. Recorded visits remain recorded; a resumed crawl repeats the
/// requests that were in flight. To lose nothing, cancel `stop` and wait instead.
pub async fn run<F: Fetch, R: Record>(
    fetch: F,
    frontier: &mut Frontier,
    record: &mut R,
    stop: &CancellationToken,
) -> Result<(), R::Error> {
    let mut crawl =
        CrawlLoop { fetch: Arc::new(fetch), frontier, in_flight: JoinSet::new() };
    // ANCHOR: run
    loop {
        let (mut visits, until) = match stop.is_cancelled() {
            true => (Vec::new(), None),
            false => crawl.start_requests(),
        };
        if crawl.in_flight.is_empty() && until.is_none() {
            return record.record(visits, crawl.frontier.waiting()).await;
        }
        select! {
            biased;
            () = stop.cancelled(), if !stop.is_cancelled() => {}
            Some(done) = crawl.in_flight.join_next() => visits.extend(crawl.finish(done)),
            () = wait_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
        }
        record.record(visits, crawl.frontier.waiting()).await?;
    }
    // ANCHOR_END: run
}

/// Lets at least the other tasks run, which `sleep_until` does not if the time has come.
async fn wait_until(at: Instant) {
    yield_now().await;
    sleep_until(at).await;
}

struct CrawlLoop<'a, F> {
    fetch: Arc<F>,
    frontier: &'a mut Frontier,
    in_flight: JoinSet<Done>,
}

/// A request that has ended.
enum Done {
    Robots(usize, Result<Robots, Failure>),
    Page(Box<Job>, Result<Response, Failure>),
}

impl<F: Fetch> CrawlLoop<'_, F> {
    /// Starts every request that may start now. Returns visits that needed no request, and when to
    /// call it again.
    fn start_requests(&mut self) -> (Vec<Visit>, Option<Instant>) {
        let (mut visits, began) = (Vec::new(), std::time::Instant::now());
        loop {
            match self.frontier.next(Instant::now()) {
                Next::Robots(site, address) => self.request_robots(site, address),
                Next::Page(job) => self.request_page(job),
                Next::Decided(visit) => visits.push(visit),
                Next::Wait(until) => return (visits, until),
            }
            let is_long = !visits.is_empty() && began.elapsed() >= MAX_TURN;
            if visits.len() == MAX_DECIDED || is_long {
                return (visits, Some(Instant::now()));
            }
        }
    }

    fn request_robots(&mut self, site: usize, address: Address) {
        let fetch = Arc::clone(&self.fetch);
        let request = async move { Done::Robots(site, fetch.robots(&address).await) };
        self.in_flight.spawn(request);
    }

    fn request_page(&mut self, job: Job) {
        let fetch = Arc::clone(&self.fetch);
        let request = async move {
            let response = fetch.page(job.address()).await;
            Done::Page(Box::new(job), response)
        };
        self.in_flight.spawn(request);
    }

    /// Passes a finished request to the frontier, and all others that have finished by now, so
    /// that one record contains all of them.
    fn finish(&mut self, first: Result<Done, JoinError>) -> Vec<Visit> {
        let mut visits = Vec::new();
        let mut done = Some(first);
        while let Some(request) = done {
            match request.unwrap_or_else(|error| resume_unwind(error.into_panic())) {
                Done::Robots(site, robots) => {
                    self.frontier.robots_done(site, robots, Instant::now());
                }
                Done::Page(job, response) => {
                    visits.extend(self.frontier.page_done(
                        *job,
                        response,
                        Instant::now(),
                    ));
                }
            }
            done = self.in_flight.try_join_next();
        }
        visits
    }
}
