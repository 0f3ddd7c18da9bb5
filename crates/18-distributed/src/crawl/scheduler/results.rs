//! A result that the crawl needs is held until the log has what was decided about it.

use std::{convert::Infallible, num::NonZeroUsize, sync::Arc};

use crawler::engine::Fetch;
use tokio::{
    sync::{Mutex, mpsc},
    time::sleep,
};

use super::Scheduler;
use crate::{
    Queue, Settle, Token,
    crawl::{
        CrawlError,
        history::Writer,
        inbox::{Action, Inbox},
        retry::with_retries,
        steps::Step,
        worker::ACK_DELAY,
    },
};

/// How many results are received with one request. Arbitrary.
const MAX_RECEIVED: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

impl<F: Fetch> Scheduler<F> {
    /// Receives results as they come.
    pub(super) async fn collect(&self, inbox: &Inbox) -> Result<Infallible, CrawlError> {
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

    /// Reports the results that are held as in progress, as long as no other process needs them.
    pub(super) async fn keep(
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

/// Acknowledges what the recorder sends.
pub(super) async fn acknowledge(
    results: Arc<dyn Queue>,
    mut tokens: mpsc::UnboundedReceiver<Vec<Token>>,
) {
    let mut batches = Vec::new();
    while tokens.recv_many(&mut batches, MAX_RECEIVED.get()).await > 0 {
        settle(&*results, batches.drain(..).flatten().collect(), Settle::Ack).await;
        // The next ones are collected meanwhile.
        sleep(ACK_DELAY).await;
    }
}

/// Settles messages. If that is lost, they are delivered again, and then settled again.
pub(super) async fn settle(queue: &dyn Queue, tokens: Vec<Token>, how: Settle) {
    if !tokens.is_empty() {
        drop(queue.settle(&tokens, how).await);
    }
}
