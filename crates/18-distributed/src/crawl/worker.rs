//! A page is acknowledged only when its result is stored.
//!
//! If the worker dies before, another one requests the page. If it dies between the two, another one
//! receives the page, but finds it in the log. If it is stopped for longer than the broker waits, it
//! returns the page without a request.

use std::{num::NonZeroUsize, panic::resume_unwind, pin::pin, sync::Arc, time::Duration};

use crawler::{Failure, engine::Fetch};
use tokio::{
    select,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Options,
    channels::Channels,
    history::Recorded,
    job::{Fetched, Job},
    lease::Lease,
    parts,
    patience::patiently,
    publisher::Publisher,
    steps::{Step, Steps},
};
use crate::{Delivery, Log, Message, Queue, Settle};

/// Arbitrary. A page that kills its workers, because it needs too much memory for example, costs so many
/// of them and not the crawl.
const MAX_DELIVERIES: u32 = 5;

/// Requests pages, as many at the same time as the options say.
pub(super) struct Worker<F> {
    requests: usize,
    job: Arc<JobWorker<F>>,
}

struct JobWorker<F> {
    fetch: Arc<F>,
    pages: Arc<dyn Queue>,
    results: Publisher,
    visits: Arc<dyn Log>,
    recorded: Mutex<Recorded>,
    ack_wait: Duration,
    steps: Steps,
}

impl<F: Fetch> Worker<F> {
    pub(super) fn new(fetch: Arc<F>, channels: &Channels, options: &Options) -> Self {
        let always = || std::future::ready(Ok(()));
        let job = JobWorker {
            fetch,
            pages: Arc::clone(&channels.pages),
            results: Publisher::new(Arc::clone(&channels.results), always),
            visits: Arc::clone(&channels.visits),
            recorded: Mutex::default(),
            ack_wait: options.ack_wait,
            steps: options.steps.clone(),
        };
        Self { requests: options.requests.get(), job: Arc::new(job) }
    }

    /// Works until `no_more_jobs` is cancelled, and then finishes what it has received.
    pub(super) async fn run(
        &self,
        no_more_jobs: &CancellationToken,
    ) -> Result<(), CrawlError> {
        let permits = Arc::new(Semaphore::new(self.requests));
        let mut jobs = JoinSet::new();
        let mut receive = pin!(self.receive(&permits));
        loop {
            select! {
                biased;
                Some(done) = jobs.join_next() => unpanicked(done)?,
                () = no_more_jobs.cancelled() => break,
                // It is not dropped when a job ends: what was delivered to it would be away for
                // `ack_wait`.
                received = &mut receive => {
                    for (delivery, permit) in received? {
                        jobs.spawn(work(Arc::clone(&self.job), delivery, permit));
                    }
                    receive.set(self.receive(&permits));
                }
            }
        }
        while let Some(done) = jobs.join_next().await {
            unpanicked(done)?;
        }
        Ok(())
    }

    /// Receives as many pages as may be requested now, at least one.
    async fn receive(
        &self,
        permits: &Arc<Semaphore>,
    ) -> Result<Vec<(Delivery, OwnedSemaphorePermit)>, CrawlError> {
        let permit = || Arc::clone(permits);
        let mut free = vec![permit().acquire_owned().await.expect("it is never closed")];
        free.extend(std::iter::from_fn(|| permit().try_acquire_owned().ok()));
        let max = NonZeroUsize::new(free.len()).expect("at least one");
        let received = patiently(|| self.job.pages.receive(0, max)).await?;
        Ok(received.into_iter().zip(free).collect())
    }
}

fn unpanicked(
    done: Result<Result<(), CrawlError>, tokio::task::JoinError>,
) -> Result<(), CrawlError> {
    done.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

async fn work<F: Fetch>(
    worker: Arc<JobWorker<F>>,
    delivery: Delivery,
    _permit: OwnedSemaphorePermit,
) -> Result<(), CrawlError> {
    let lease = Lease::begin(worker.ack_wait);
    let settle = select! {
        biased;
        settle = worker.work(&delivery, &lease) => settle?,
        never = lease.keep(&delivery) => match never {},
    };
    let is_ack = settle == Settle::Ack;
    // If this is lost, the page is delivered again, and found in the log.
    let _ = delivery.settle(settle).await;
    if is_ack {
        worker.steps.at(Step::Acked).await;
    }
    Ok(())
}

impl<F: Fetch> JobWorker<F> {
    // ANCHOR: work
    /// Requests a page, and publishes the result. Returns what becomes of the message.
    async fn work(
        &self,
        delivery: &Delivery,
        lease: &Lease,
    ) -> Result<Settle, CrawlError> {
        self.steps.at(Step::Received).await;
        let Ok(job) = serde_json::from_slice::<Job>(&delivery.message.body) else {
            return Ok(Settle::Term);
        };
        if delivery.deliveries > 1 {
            let mut recorded = self.recorded.lock().await;
            if recorded.contains(&*self.visits, job.address.id()).await? {
                return Ok(Settle::Ack);
            }
            drop(recorded);
            // Another worker may have requested it just before the message returned.
            sleep(job.delay).await;
        }
        if !lease.is_certain() {
            return Ok(Settle::Nak(Duration::ZERO));
        }
        let started = Instant::now();
        let outcome = match delivery.deliveries {
            0..=MAX_DELIVERIES => self.fetch.page(&job.address).await,
            n => Err(Failure::Unparsed(format!("{} workers have ended with it", n - 1))),
        };
        if let Err(Failure::Local(why)) = outcome {
            // Another process may have what this one lacks.
            let _ = delivery.settle(Settle::Nak(Duration::ZERO)).await;
            return Err(CrawlError::Local(format!("{}: {why}", job.address)));
        }
        self.steps.at(Step::Requested).await;
        let fetched = Fetched::new(job.address, started.elapsed(), outcome);
        self.results.publish(messages(&job.id, &fetched)).await?;
        self.steps.at(Step::Published).await;
        Ok(Settle::Ack)
    }
    // ANCHOR_END: work
}

/// The messages of a result. A second result of the same job has the same ids, so it is not stored.
fn messages(id: &str, fetched: &Fetched) -> Vec<Message> {
    let content = serde_json::to_vec(fetched).expect("plain data");
    let parts = parts::split(id, &content).into_iter().enumerate();
    parts.map(|(part, body)| Message::new(body).id(format!("{id}/{part}"))).collect()
}
