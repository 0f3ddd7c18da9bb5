//! Several processes share one crawl: one of them decides what to request, and all of them request it.
//!
//! The crawler of chapter 14 is used as it is. Its engine runs in one process at a time, the
//! *scheduler*. Its `Fetch` sends a page to a queue instead of to the web, and its `Record` appends to
//! a log instead of to a file:
//!
//! | name | what it holds |
//! |---|---|
//! | queue `crawl` | one message, the plan: the process that holds it is the scheduler |
//! | queue `pages` | the pages to request; each process receives from it |
//! | queue `results` | what the requests returned; the scheduler receives from it |
//! | log `visits` | what is decided, from which a new scheduler builds the frontier |
//!
//! If the scheduler dies, another process receives the plan after `ack_wait`. It appends to the log
//! first: from then on each append of its predecessor fails, even if that one was only stopped.
//!
//! # What it promises
//!
//! The result is that of the plain crawler: the same addresses, depths and outcomes. Whatever dies,
//! nothing is lost, and no address has two outcomes. An address is requested once, with these exceptions:
//!
//! - A request that was in flight when its process died is made again.
//! - A failed attempt is in no log, so a new scheduler begins to count the attempts from 1.
//! - Each scheduler requests the `robots.txt` of a site again.
//!
//! A page that kills the processes that request it fails after six deaths. The first death makes suspects of
//! all pages that the process had received; from then on each of them is requested while its process requests
//! no other page. So it costs the others no more than a second request.
//!
//! Between two requests to a host is its delay, whichever processes make them. With a delay, a host has
//! one request at a time, because its start is known only when its result arrives. What remains: no
//! process can prevent that it is stopped between its last look at the clock and its request, and the
//! request leaves it an hour later. And a new scheduler knows the `Crawl-delay` of a site only after its
//! first request, which follows those of its predecessor after the delay of the plan.
#![cfg(not(target_family = "wasm"))]

mod channels;
mod error;
mod history;
mod inbox;
mod job;
mod lease;
mod pace;
mod parts;
mod publisher;
mod remote;
mod retry;
mod scheduler;
mod steps;
mod worker;

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use crawler::{Address, Limits, Visit, engine::Fetch};
use serde::{Deserialize, Serialize};
use tokio::{select, try_join};
use tokio_util::sync::CancellationToken;

use self::{
    channels::{Channels, CrawlMessage},
    scheduler::{Ended, Scheduler},
    worker::Worker,
};
pub use self::{
    error::CrawlError,
    steps::{Step, Steps},
};
use crate::Broker;

/// What to crawl, and within which limits. It is the same for every process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Where to start. The crawl stays on the sites of these pages.
    pub starts: Vec<Address>,
    /// The limits of the whole crawl, not of one process: `concurrency` is the number of pages that are
    /// in the queue or requested at the same time.
    pub limits: Limits,
}

/// How a process takes part in a crawl.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many requests this process makes at the same time. It also receives up to half as many pages in
    /// advance. Default: 10.
    pub requests: NonZeroUsize,
    /// How long a process may be silent before another one continues its work. It is the same in every
    /// process, in whole milliseconds. Default: 10 s.
    pub ack_wait: Duration,
    /// What a test does at each step. Default: nothing.
    pub steps: Steps,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            requests: NonZeroUsize::new(10).expect("not zero"),
            ack_wait: Duration::from_secs(10),
            steps: Steps::default(),
        }
    }
}

// ANCHOR: crawl
/// Takes part in the crawl of this broker's namespace until the crawl is over. The first process
/// begins it with `plan`; if there is a crawl already, `plan` is ignored and its own one continues.
///
/// `fetch` requests the pages; the scheduler also requests each `robots.txt` with it. If `stop` is
/// cancelled, this process begins nothing new, finishes its requests, and leaves the rest to the others.
///
/// # Errors
///
/// [`CrawlError`]: the broker has been away for a minute, or this machine failed, for example by a full
/// disk. What this process had begun is continued by the others after `ack_wait`.
///
/// # Panics
///
/// If a fetch panics, with the same panic.
///
/// # Cancel safety
///
/// Dropping it is like killing the process: nothing that was recorded is lost, and a page whose request
/// was in flight is requested again.
pub async fn crawl<F: Fetch>(
    broker: &dyn Broker,
    fetch: F,
    plan: &Plan,
    options: &Options,
    stop: &CancellationToken,
) -> Result<(), CrawlError> {
    let channels = Channels::open(broker, options.ack_wait).await?;
    channels.begin(plan).await?;
    let fetch = Arc::new(fetch);
    let worker = Worker::new(Arc::clone(&fetch), &channels, options);
    let scheduler = Scheduler::new(fetch, channels, options);
    let no_more_jobs = CancellationToken::new();
    let schedule = async {
        let _over = no_more_jobs.clone().drop_guard();
        schedule_until_over(&scheduler, stop).await
    };
    try_join!(worker.run(&no_more_jobs), schedule)?;
    Ok(())
}

/// Is the scheduler whenever this process receives the plan, until the crawl is over.
async fn schedule_until_over<F: Fetch>(
    scheduler: &Scheduler<F>,
    stop: &CancellationToken,
) -> Result<(), CrawlError> {
    loop {
        let received = select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            received = scheduler.channels().receive() => received?,
        };
        match received {
            (CrawlMessage::Over, delivery) => {
                // The other processes need to know it too.
                let _ = delivery.nak(Duration::ZERO).await;
                return Ok(());
            }
            (CrawlMessage::Plan(plan), delivery) => {
                match scheduler.run(plan, delivery, stop).await {
                    Ok(Ended::Over | Ended::Stopped) => return Ok(()),
                    Err(CrawlError::TakenOver) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}
// ANCHOR_END: crawl

/// Reads what the crawl of this namespace has decided until now: one visit for each address, in the
/// order in which they were decided.
///
/// # Errors
///
/// [`CrawlError`].
///
/// # Cancel safety
///
/// Cancel safe: it changes nothing.
pub async fn visits(broker: &dyn Broker) -> Result<Vec<Visit>, CrawlError> {
    let log = broker.log(channels::VISITS).await?;
    history::visits(&*log).await
}
