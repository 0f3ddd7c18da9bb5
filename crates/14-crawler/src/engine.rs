//! The crawl is one task that decides, and a task for each request that is under way.
//!
//! asyncio people write a coroutine that fetches a page and `gather`s itself over the links:
//! the limits then hide in semaphores that thousands of tasks queue for. Here only what may run
//! now is spawned, so there are never more tasks than requests, and stopping is to start no more.

#[cfg(test)]
mod tests;

use std::{panic::resume_unwind, sync::Arc};

use tokio::{
    select,
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Robots,
    fate::{Answer, Failure, Visit},
    frontier::{Frontier, Job, Next},
};

/// Gets what stands at an address: the web, or a site that a test makes up.
pub trait Fetch: Send + Sync + 'static {
    /// Asks a site for its rules. A site that has none allows everything.
    fn robots(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Robots, Failure>> + Send;

    /// Asks for a page, once, and does not follow redirects.
    fn page(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// Hears of every address that has its fate, before the next request is made.
pub trait Record {
    /// Why a visit could not be recorded.
    type Error;

    /// Takes some visits that have ended, and how many addresses wait.
    fn record(
        &mut self,
        visits: Vec<Visit>,
        waiting: usize,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Visits whatever the frontier allows, until there is nothing left or `stop` is cancelled; then
/// what is under way is finished, and nothing new begins.
///
/// # Errors
///
/// What the recorder returns: a crawl that cannot be recorded ends at once.
///
/// # Panics
///
/// If a fetch panics, with the same panic.
///
/// # Cancel safety
///
/// Dropping it ends every request. What was recorded stands; what was under way is asked for
/// again by a crawl that is resumed. To lose nothing, cancel `stop` and wait instead.
pub async fn visit<F: Fetch, R: Record>(
    fetch: F,
    frontier: &mut Frontier,
    record: &mut R,
    stop: &CancellationToken,
) -> Result<(), R::Error> {
    let mut course =
        Course { fetch: Arc::new(fetch), frontier, under_way: JoinSet::new() };
    // ANCHOR: visit
    loop {
        let (mut visits, until) = match stop.is_cancelled() {
            true => (Vec::new(), None),
            false => course.begin(),
        };
        if course.under_way.is_empty() && until.is_none() {
            return record.record(visits, course.frontier.waiting()).await;
        }
        select! {
            biased;
            () = stop.cancelled(), if !stop.is_cancelled() => {}
            Some(ended) = course.under_way.join_next() => visits.extend(course.note(ended)),
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
        }
        record.record(visits, course.frontier.waiting()).await?;
    }
    // ANCHOR_END: visit
}

struct Course<'a, F> {
    fetch: Arc<F>,
    frontier: &'a mut Frontier,
    under_way: JoinSet<Ended>,
}

enum Ended {
    Robots(usize, Result<Robots, Failure>),
    Page(Box<Job>, Result<Answer, Failure>),
}

impl<F: Fetch> Course<'_, F> {
    /// Begins whatever may begin now. Returns the visits that took no request, and when to look
    /// again.
    fn begin(&mut self) -> (Vec<Visit>, Option<Instant>) {
        let mut visits = Vec::new();
        loop {
            match self.frontier.next(Instant::now()) {
                Next::Robots(site, address) => self.ask_for_rules(site, address),
                Next::Page(job) => self.ask(job),
                Next::Passed(visit) => visits.push(visit),
                Next::Wait(until) => return (visits, until),
            }
        }
    }

    fn ask_for_rules(&mut self, site: usize, address: Address) {
        let fetch = Arc::clone(&self.fetch);
        let asked = async move { Ended::Robots(site, fetch.robots(&address).await) };
        self.under_way.spawn(asked);
    }

    fn ask(&mut self, job: Job) {
        let fetch = Arc::clone(&self.fetch);
        let asked = async move {
            let answer = fetch.page(job.address()).await;
            Ended::Page(Box::new(job), answer)
        };
        self.under_way.spawn(asked);
    }

    /// Notes what has ended, and whatever else has ended meanwhile, so that one record takes all.
    fn note(&mut self, first: Result<Ended, JoinError>) -> Vec<Visit> {
        let mut visits = Vec::new();
        let mut ended = Some(first);
        while let Some(one) = ended {
            match one.unwrap_or_else(|error| resume_unwind(error.into_panic())) {
                Ended::Robots(site, robots) => self.frontier.robots(site, robots),
                Ended::Page(job, answer) => {
                    visits.extend(self.frontier.answered(*job, answer, Instant::now()));
                }
            }
            ended = self.under_way.try_join_next();
        }
        visits
    }
}
