//! A page is acknowledged only when its result is stored.
//!
//! If the worker dies before the acknowledgement, another one receives the page. It cannot know whether the
//! page was requested, nor when. So it requests nothing, and publishes that the page is lost, with the id of
//! the result: if there is a result, the broker ignores the copy, and if there is none, the scheduler has the
//! page requested again. Then a worker requests it alone, so that the scheduler knows which page kills workers.

use std::{num::NonZeroUsize, panic::resume_unwind, pin::pin, sync::Arc, time::Duration};

use async_kit::Batcher;
use crawler::{Address, Failure, engine::Fetch};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Options,
    channels::Channels,
    job::{Fetched, Job, Report},
    lease::Lease,
    parts,
    publisher::Publisher,
    retry::with_retries,
    steps::{Step, Steps},
};
use crate::{BrokerError, Delivery, Message, Queue, Settle, Token};

/// How many pages are acknowledged with one call. Arbitrary.
const MAX_ACKS: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// For how long acknowledgements are collected. Arbitrary: no request waits for them, and `ack_wait` is many
/// times as long.
pub(super) const ACK_DELAY: Duration = Duration::from_millis(5);

/// Requests pages, at most [`Options::requests`] at the same time. If it makes several, it also receives half
/// as many pages in advance, so that no request waits for the broker. Results are published meanwhile.
pub(super) struct Worker<F> {
    /// How many pages are received and not yet responded to.
    max_pages: usize,
    job: Arc<JobWorker<F>>,
}

struct JobWorker<F> {
    fetch: Arc<F>,
    /// One permit for each request at the same time. Closed when no further request may start.
    requests: Semaphore,
    /// How many permits a request needs that is made alone.
    all_requests: u32,
    pages: Arc<dyn Queue>,
    results: Publisher,
    acks: Batcher<Token, Result<(), BrokerError>>,
    ack_wait: Duration,
    steps: Steps,
}

impl<F: Fetch> Worker<F> {
    pub(super) fn new(fetch: Arc<F>, channels: &Channels, options: &Options) -> Self {
        let always = || std::future::ready(Ok(()));
        let pages = Arc::clone(&channels.pages);
        let ack = move |tokens: Vec<Token>| {
            let pages = Arc::clone(&pages);
            async move { pages.settle(&tokens, Settle::Ack).await }
        };
        let requests = options.requests.get();
        let job = JobWorker {
            fetch,
            requests: Semaphore::new(requests),
            all_requests: u32::try_from(requests).unwrap_or(u32::MAX),
            pages: Arc::clone(&channels.pages),
            acks: Batcher::new(MAX_ACKS, ACK_DELAY, ack),
            results: Publisher::new(Arc::clone(&channels.results), always),
            ack_wait: options.ack_wait,
            steps: options.steps.clone(),
        };
        Self { max_pages: requests + requests / 2, job: Arc::new(job) }
    }

    /// Works until `no_more_jobs` is cancelled, and then finishes its requests.
    pub(super) async fn run(
        &self,
        no_more_jobs: &CancellationToken,
    ) -> Result<(), CrawlError> {
        let mut jobs = JoinSet::new();
        self.start_jobs(&mut jobs, no_more_jobs).await?;
        self.job.requests.close();
        while let Some(done) = jobs.join_next().await {
            unpanicked(done)?;
        }
        Ok(())
    }

    /// Starts a job for each page that it receives. Its wait for pages ends with it, because a page that comes
    /// afterwards is for another process.
    async fn start_jobs(
        &self,
        jobs: &mut JoinSet<Result<(), CrawlError>>,
        no_more_jobs: &CancellationToken,
    ) -> Result<(), CrawlError> {
        let permits = Arc::new(Semaphore::new(self.max_pages));
        let mut receive = pin!(self.receive(&permits));
        loop {
            select! {
                biased;
                Some(done) = jobs.join_next() => unpanicked(done)?,
                () = no_more_jobs.cancelled() => return Ok(()),
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
    }

    /// Receives as many pages as this process may have now, at least one.
    async fn receive(
        &self,
        permits: &Arc<Semaphore>,
    ) -> Result<Vec<(Delivery, OwnedSemaphorePermit)>, CrawlError> {
        let permit = || Arc::clone(permits);
        let mut free = vec![permit().acquire_owned().await.expect("it is never closed")];
        free.extend(std::iter::from_fn(|| permit().try_acquire_owned().ok()));
        let max = NonZeroUsize::new(free.len()).expect("at least one");
        let received = with_retries(|| self.job.pages.receive(0, max)).await?;
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
    permit: OwnedSemaphorePermit,
) -> Result<(), CrawlError> {
    let lease = Lease::begin(worker.ack_wait);
    let settle = select! {
        biased;
        settle = worker.work(&delivery, &lease, permit) => settle?,
        never = lease.keep(&delivery) => match never {},
    };
    // If this does not arrive, the page is delivered again, and then only acknowledged.
    if settle == Settle::Ack {
        let _ = worker.acks.submit(delivery.token).await;
        worker.steps.at(Step::Acked).await;
    } else {
        let _ = delivery.settle(settle).await;
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
        permit: OwnedSemaphorePermit,
    ) -> Result<Settle, CrawlError> {
        self.steps.at(Step::Received).await;
        let Ok(job) = serde_json::from_slice::<Job>(&delivery.message.body) else {
            return Ok(Settle::Term);
        };
        if delivery.deliveries > 1 {
            // If its result is stored nevertheless, this is a copy, and not stored.
            self.report(&job.id, job.address, Report::Lost).await?;
            return Ok(Settle::Ack);
        }
        let Some(request) = self.acquire_request(&job, lease).await? else {
            self.report(&job.id, job.address, Report::Returned).await?;
            return Ok(Settle::Ack);
        };
        let started = Instant::now();
        let outcome = self.fetch.page(&job.address).await;
        drop(permit);
        // A suspected page may still kill its worker, so it stays alone until its result is stored.
        let _alone = job.is_suspected.then_some(request);
        if let Err(Failure::Local(why)) = outcome {
            // Another process may have what this one lacks. This is no death, so it is not delivered again.
            self.report(&job.id, job.address.clone(), Report::Returned).await?;
            let _ = delivery.settle(Settle::Ack).await;
            return Err(CrawlError::Local(format!("{}: {why}", job.address)));
        }
        self.steps.at(Step::Requested).await;
        let fetched = Fetched::new(job.address, started.elapsed(), outcome);
        self.publish(&job.id, &fetched).await?;
        self.steps.at(Step::Published).await;
        Ok(Settle::Ack)
    }
    // ANCHOR_END: work

    /// Waits until the page may be requested. The start of a suspected page is published first. Returns
    /// `None` if this worker may not request it any more.
    async fn acquire_request(
        &self,
        job: &Job,
        lease: &Lease,
    ) -> Result<Option<SemaphorePermit<'_>>, CrawlError> {
        let needed = if job.is_suspected { self.all_requests } else { 1 };
        let Ok(request) = self.requests.acquire_many(needed).await else {
            return Ok(None);
        };
        if job.is_suspected {
            let id = format!("{}/started", job.id);
            let started = Report::Started(job.id.clone());
            self.report(&id, job.address.clone(), started).await?;
        }
        Ok(lease.is_certain().then_some(request))
    }

    async fn report(
        &self,
        id: &str,
        address: Address,
        report: Report,
    ) -> Result<(), CrawlError> {
        self.publish(id, &Fetched::without_outcome(address, report)).await
    }

    /// Publishes the last message of a result only when all others are stored, because it decides between
    /// this result and that of another worker.
    async fn publish(&self, id: &str, fetched: &Fetched) -> Result<(), CrawlError> {
        let mut messages = messages(id, fetched);
        let last = messages.split_off(messages.len() - 1);
        if !messages.is_empty() {
            self.results.publish(messages).await?;
        }
        self.results.publish(last).await
    }
}

/// The messages of a result. A second result of the same job has the same ids, so it is not stored. The
/// last message has the id of the job, which is also that of the only message of a lost one.
fn messages(id: &str, fetched: &Fetched) -> Vec<Message> {
    let content = serde_json::to_vec(fetched).expect("plain data");
    let mut parts: Vec<_> =
        parts::split(id, &content).into_iter().map(Message::new).collect();
    let last = parts.pop().map(|last| last.id(id));
    let parts = parts.into_iter().enumerate();
    parts.map(|(n, part)| part.id(format!("{id}/{n}"))).chain(last).collect()
}
