//! If every layer retries, the attempts multiply; if only one layer retries, they do not.
//!
//! In both languages, three layers with three attempts each send 27 requests to a database that is
//! down. Let only the lowest layer retry, and give its error a type of its own: "gave up" is a
//! different error from "failed", and the layers above do not retry it.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::sleep;

/// An app calls a page, the page calls a service, and the service calls a database that is down.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=4);
    ask("attempts=4", "how many requests does the database get?");
    let start = |(name, every_layer)| {
        let stack = Stack { attempts, every_layer, requests: AtomicU32::new(0) };
        tokio::spawn(stack.count_requests().lane(name))
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
        sleep(5.ms()).step("requesting").await;
        Err(Failure::Down)
    }

    /// Returns how many requests the database received, and the error that the app returned.
    async fn count_requests(self) -> (u32, Failure) {
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
    fn three_layers_with_three_attempts_each_send_27_requests() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.025s] one layer requests to the database: 3",
                "[  0.265s] every layer requests to the database: 27",
            ]);
        });
    }

    #[test]
    fn if_one_layer_retries_the_requests_are_its_attempts() {
        virtual_time(async {
            for attempts in 1..=4 {
                let (every, _) = stack(attempts, true).count_requests().await;
                let (one, _) = stack(attempts, false).count_requests().await;
                assert_eq!((every, one), (attempts.pow(3), attempts));
            }
        });
    }

    #[test]
    fn the_error_of_the_app_keeps_the_cause_through_all_layers() {
        virtual_time(async {
            let (_, failure) = stack(3, false).count_requests().await;
            let chain = anyhow::Error::from(failure);
            assert_eq!(chain.root_cause().to_string(), "the database is down");
        });
    }
}
