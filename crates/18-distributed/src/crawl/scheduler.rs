//! One process at a time is the scheduler, and a new one continues from the log of its predecessor.
//!
//! It builds the frontier from the log, and then waits for the pages that its predecessor has published.

mod predecessor;
mod results;

use std::{sync::Arc, time::Duration};

use crawler::{
    Frontier,
    engine::{self, Fetch},
};
use tokio::{
    select,
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use self::{
    predecessor::first_request,
    results::{acknowledge, settle},
};
use super::{
    CrawlError, Options, Plan,
    channels::Channels,
    history::Writer,
    inbox::Inbox,
    lease::Lease,
    pace::Pace,
    publisher::Publisher,
    remote::{Recorder, Remote},
    steps::{Step, Steps},
};
use crate::{Delivery, Settle};

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
}
