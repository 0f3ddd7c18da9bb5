//! Retries multiply from layer to layer, unless what gave up below is not tried again above.
//!
//! In both languages: three layers that make three attempts each ask a dead database 27 times.
//! Let one layer retry, and tell the others by the type of the error that this was done: "gave
//! up" is another error than "failed".

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::sleep;

/// An app asks a page, the page a service and the service a database, which is down.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    let start = |(name, every_layer)| {
        let stack = Stack { attempts, every_layer, requests: AtomicU32::new(0) };
        tokio::spawn(stack.fails().lane(name))
    };
    for stack in [("every layer", true), ("one layer", false)].map(start) {
        stack.await?;
    }
    Ok(())
}

struct Stack {
    attempts: u32,
    every_layer: bool,
    requests: AtomicU32,
}

// ANCHOR: layers
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database is down")]
    Down,
    #[error("the layer below failed")]
    GaveUp(#[from] Box<RetryError<Failure>>),
}

impl Stack {
    async fn app(&self) -> Result<(), Failure> {
        self.retry(|| self.page()).await
    }

    async fn page(&self) -> Result<(), Failure> {
        self.retry(|| self.service()).await
    }

    async fn service(&self) -> Result<(), Failure> {
        self.retry(|| self.database()).await
    }

    async fn retry<F>(&self, layer_below: impl FnMut() -> F) -> Result<(), Failure>
    where
        F: Future<Output = Result<(), Failure>>,
    {
        let retry = Retry::new(Backoff::fixed(5.ms()))
            .attempts(self.attempts)
            .when(|error| self.every_layer || !matches!(error, Failure::GaveUp(_)));
        Ok(retry.run(layer_below).await.map_err(Box::new)?)
    }
}
// ANCHOR_END: layers

impl Stack {
    async fn database(&self) -> Result<(), Failure> {
        self.requests.fetch_add(1, Relaxed);
        sleep(5.ms()).step("asking").await;
        Err(Failure::Down)
    }

    /// How often the database was asked, and the error that the app met in the end.
    async fn fails(self) -> (u32, Failure) {
        let failure = self.app().await.expect_err("the database is down");
        let requests = self.requests.into_inner();
        say!("requests to the database: {requests}");
        (requests, failure)
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn stack(attempts: u32, every_layer: bool) -> Stack {
        Stack { attempts, every_layer, requests: AtomicU32::new(0) }
    }

    #[test]
    fn three_attempts_in_each_of_three_layers_are_twenty_seven() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.025s] one layer requests to the database: 3",
                "[  0.265s] every layer requests to the database: 27",
            ]);
        });
    }

    #[test]
    fn one_layer_makes_no_more_attempts_than_it_was_given() {
        virtual_time(async {
            for attempts in 1..=4 {
                let (every, _) = stack(attempts, true).fails().await;
                let (one, _) = stack(attempts, false).fails().await;
                assert_eq!((every, one), (attempts.pow(3), attempts));
            }
        });
    }

    #[test]
    fn the_cause_comes_up_through_all_layers() {
        virtual_time(async {
            let (_, failure) = stack(3, false).fails().await;
            let chain = anyhow::Error::from(failure);
            assert_eq!(chain.root_cause().to_string(), "the database is down");
        });
    }
}
