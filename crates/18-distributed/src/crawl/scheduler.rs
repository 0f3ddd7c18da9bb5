//! One process at a time is the scheduler, and a new one continues from the log of its predecessor.
//!
//! It builds the frontier from the log. Then it waits until the workers have done the pages that are still
//! in the queue, and keeps their results, so that it requests no page that was already requested.

use std::{convert::Infallible, num::NonZeroUsize, sync::Arc, time::Duration};

use crawler::{
    Frontier,
    engine::{self, Fetch},
};
use tokio::{
    select,
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Options, Plan,
    channels::Channels,
    history::Writer,
    inbox::{Action, Inbox},
    lease::Lease,
    pace::Pace,
    publisher::Publisher,
    remote::{Recorder, Remote},
    retry::with_retries,
    steps::{Step, Steps},
};
use crate::{Delivery, Queue, Settle, Token};

/// How many results are received with one request. Arbitrary.
const MAX_RECEIVED: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// How often a new scheduler asks whether its predecessor's pages are done. Arbitrary.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);

/// If the numbers of the queues do not change for this time, they are wrong, and a new scheduler begins
/// without waiting further. That loses nothing, but pages may be requested again. Longer than a request may
/// take by default.
const MAX_UNCHANGED: Duration = Duration::from_secs(15);

/// Why a process is no longer the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// No address is left, or the limits are reached.
    Over,
    /// This process was asked to stop.
    Stopped,
}

/// What a process needs to be the scheduler.
pub(super) struct Scheduler<F> {
    fetch: Arc<F>,
    channels: Channels,
    ack_wait: Duration,
    steps: Steps,
}

impl<F: Fetch> Scheduler<F> {
    pub(super) fn new(fetch: Arc<F>, channels: Channels, options: &Options) -> Self {
        Self { fetch, channels, ack_wait: options.ack_wait, steps: options.steps.clone() }
    }

    pub(super) fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Decides until the crawl is over, another process decides, or `stop` is cancelled.
    pub(super) async fn run(
        &self,
        plan: Plan,
        message: Delivery,
        stop: &CancellationToken,
    ) -> Result<Ended, CrawlError> {
        let lease = Arc::new(Lease::begin(self.ack_wait));
        let ended = select! {
            biased;
            ended = self.schedule(&plan, &lease, stop) => ended,
            never = lease.keep(&message) => match never {},
        };
        let settled = match &ended {
            Ok(Ended::Over) => message.ack().await,
            // It is the message of the other process by now.
            Err(CrawlError::TakenOver) => Ok(()),
            Ok(Ended::Stopped) | Err(_) => message.nak(Duration::ZERO).await,
        };
        // Without it, the next process gets the message after `ack_wait`.
        drop(settled);
        ended
    }

    // ANCHOR: schedule
    async fn schedule(
        &self,
        plan: &Plan,
        lease: &Arc<Lease>,
        stop: &CancellationToken,
    ) -> Result<Ended, CrawlError> {
        let mut frontier = Frontier::new(plan.limits.clone(), &plan.starts, []);
        let visits = Arc::clone(&self.channels.visits);
        let writer = Writer::claim(visits, |visit| frontier.replay(&visit)).await?;
        self.steps.at(Step::Claimed).await;
        let number = writer.number();
        let writer = Arc::new(Mutex::new(writer));
        let inbox = Arc::new(Inbox::new(number));
        let (failures, mut failure) = mpsc::unbounded_channel();
        let ended = select! {
            biased;
            Some(error) = failure.recv() => Err(error),
            Err(error) = self.collect(&inbox) => Err(error),
            ended = async {
                if number > 1 {
                    self.drain(&inbox, stop).await?;
                }
                let pace = Pace::new(plan.limits.delay, first_request(plan, number));
                let pages = self.publisher(lease, &writer);
                let (fetch, inbox) = (Arc::clone(&self.fetch), Arc::clone(&inbox));
                let remote = Remote { fetch, pages, inbox, pace, failures };
                self.decide(remote, &mut frontier, Arc::clone(&writer), stop).await
            } => ended,
            Err(error) = self.keep(&inbox, &writer) => Err(error),
        };
        let left = match ended {
            Ok(Ended::Over) => Settle::Ack,
            _ => Settle::Nak(Duration::ZERO),
        };
        settle(&*self.channels.results, inbox.tokens(), left).await;
        ended
    }

    async fn decide(
        &self,
        remote: Remote<F>,
        frontier: &mut Frontier,
        writer: Arc<Mutex<Writer>>,
        stop: &CancellationToken,
    ) -> Result<Ended, CrawlError> {
        let (done, tokens) = mpsc::unbounded_channel();
        let mut acks = JoinSet::new();
        acks.spawn(acknowledge(Arc::clone(&self.channels.results), tokens));
        let (inbox, steps) = (Arc::clone(&remote.inbox), self.steps.clone());
        let mut recorder = Recorder { writer, inbox, done, steps };
        engine::run(remote, frontier, &mut recorder, stop).await?;
        drop(recorder);
        acks.join_all().await;
        if let Some(why) = frontier.halted() {
            return Err(CrawlError::Local(why.to_owned()));
        }
        if stop.is_cancelled() && frontier.waiting() > 0 {
            return Ok(Ended::Stopped);
        }
        self.channels.end().await?;
        self.steps.at(Step::Over).await;
        Ok(Ended::Over)
    }
    // ANCHOR_END: schedule

    /// Publishes pages only while no other process can be the scheduler, as far as this one can know.
    fn publisher(&self, lease: &Arc<Lease>, writer: &Arc<Mutex<Writer>>) -> Publisher {
        let (lease, writer) = (Arc::clone(lease), Arc::clone(writer));
        let may_publish = move || {
            let (lease, writer) = (Arc::clone(&lease), Arc::clone(&writer));
            async move {
                match lease.is_certain() {
                    true => Ok(()),
                    false => writer.lock().await.check().await,
                }
            }
        };
        Publisher::new(Arc::clone(&self.channels.pages), may_publish)
    }

    /// Receives results as they come.
    async fn collect(&self, inbox: &Inbox) -> Result<Infallible, CrawlError> {
        let results = &*self.channels.results;
        loop {
            let received = with_retries(|| results.receive(0, MAX_RECEIVED)).await?;
            self.steps.at(Step::Collected).await;
            let (mut acked, mut termed) = (Vec::new(), Vec::new());
            for delivery in &received {
                match inbox.arrive(delivery) {
                    Action::Hold => {}
                    Action::Ack(tokens) => acked.extend(tokens),
                    Action::Term(tokens) => termed.extend(tokens),
                }
            }
            settle(results, acked, Settle::Ack).await;
            settle(results, termed, Settle::Term).await;
        }
    }

    /// Waits until no page of an earlier scheduler is left, and all results have arrived.
    async fn drain(
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

    /// Reports the results that are held as in progress, as long as no other process needs them.
    async fn keep(
        &self,
        inbox: &Inbox,
        writer: &Mutex<Writer>,
    ) -> Result<Infallible, CrawlError> {
        loop {
            sleep(self.ack_wait / 4).await;
            writer.lock().await.check().await?;
            settle(&*self.channels.results, inbox.tokens(), Settle::InProgress).await;
        }
    }
}

/// When the first request of a scheduler may start. The last one of its predecessor is unknown, but it has
/// started.
fn first_request(plan: &Plan, number: u64) -> Instant {
    let now = Instant::now();
    if number == 1 { now } else { now + plan.limits.delay }
}

/// Acknowledges what the recorder sends.
async fn acknowledge(
    results: Arc<dyn Queue>,
    mut tokens: mpsc::UnboundedReceiver<Vec<Token>>,
) {
    let mut batches = Vec::new();
    while tokens.recv_many(&mut batches, MAX_RECEIVED.get()).await > 0 {
        settle(&*results, batches.drain(..).flatten().collect(), Settle::Ack).await;
    }
}

/// Settles messages. If that is lost, they are delivered again, and then settled again.
async fn settle(queue: &dyn Queue, tokens: Vec<Token>, how: Settle) {
    if !tokens.is_empty() {
        drop(queue.settle(&tokens, how).await);
    }
}
