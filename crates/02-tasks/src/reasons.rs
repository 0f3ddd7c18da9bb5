//! A job that timed out or failed returns an error with the reason, never `None`.
//!
//! asyncio: after `except TimeoutError: return None` the caller cannot distinguish "too late" from
//! "there is none", and a retry that ends with `return None` loses the error. Tokio: `timeout`
//! returns a `Result`; return it to the caller. The kit's [`Retry`] returns the last error, and
//! makes another attempt only if the error is temporary.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::{error::Elapsed, sleep, timeout};

/// Two searches with a time limit, then requests to three servers. A busy server is called again.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 100.ms(), 1.ms()..=300.ms());
    let attempts = knob("attempts", 3, 1..=5_usize) as u32;
    ask("attempts=2", "does the server `flaky` still return 42?");
    search("slow", limit, find(150.ms(), Some(7))).await;
    search("void", limit, find(50.ms(), None)).await;
    for server in [Server::busy("flaky", 2), Server::busy("dead", 9), Server::broken()] {
        request(server, attempts).await;
    }
    Ok(())
}

// ANCHOR: reasons
/// There are three outcomes: a value was found, there is none, or the time was too short to know.
async fn in_time(
    limit: Duration,
    search: impl Future<Output = Option<u32>>,
) -> Result<Option<u32>, Elapsed> {
    timeout(limit, search).await
}

/// Returns the answer, and the number of the attempt that got it.
async fn retried(
    server: &Server,
    attempts: u32,
) -> Result<(u32, u32), RetryError<Fault>> {
    let mut attempt = 0;
    let retry = Retry::new(Backoff::fixed(20.ms()))
        .attempts(attempts)
        .when(|fault| matches!(fault, Fault::Busy));
    let request = || {
        attempt += 1;
        server.answer()
    };
    let answer = retry.run(request).await?;
    Ok((answer, attempt))
}

#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
enum Fault {
    #[error("the server is busy")]
    Busy,
    #[error("there is no such page")]
    NoSuchPage,
}
// ANCHOR_END: reasons

async fn search(
    name: &str,
    limit: Duration,
    find: impl Future<Output = Option<u32>> + Send,
) {
    match in_time(limit, find).try_lane(name).await {
        Ok(Some(found)) => say!("{name}: found {found}"),
        Ok(None) => say!("{name}: there is none"),
        Err(_) => say!("{name}: no answer within {} ms", limit.as_millis()),
    }
}

async fn request(server: Server, attempts: u32) {
    let name = server.name;
    match retried(&server, attempts).try_lane(name).await {
        Ok((answer, attempt)) => say!("{name}: {answer} on attempt {attempt}"),
        Err(error) => say!("{name}: {:#}", anyhow::Error::from(error)),
    }
}

async fn find(takes: Duration, found: Option<u32>) -> Option<u32> {
    sleep(takes).step("working").await;
    found
}

struct Server {
    name: &'static str,
    /// The number of requests that still fail, with `fault`.
    failures: AtomicU32,
    fault: Fault,
}

impl Server {
    fn busy(name: &'static str, times: u32) -> Self {
        Self { name, failures: AtomicU32::new(times), fault: Fault::Busy }
    }

    fn broken() -> Self {
        Self { fault: Fault::NoSuchPage, ..Self::busy("wrong", 9) }
    }

    async fn answer(&self) -> Result<u32, Fault> {
        sleep(30.ms()).step("working").await;
        let failing =
            self.failures.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if failing.is_ok() {
            say!("fails: {}", self.fault);
            return Err(self.fault);
        }
        Ok(42)
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_timeout_is_an_error_and_not_none() {
        virtual_time(async {
            assert!(in_time(100.ms(), find(150.ms(), Some(7))).await.is_err());
            assert_eq!(in_time(100.ms(), find(50.ms(), None)).await, Ok(None));
            assert_eq!(in_time(200.ms(), find(150.ms(), Some(7))).await, Ok(Some(7)));
        });
    }

    #[test]
    fn a_retry_without_success_returns_the_last_error() {
        virtual_time(async {
            for attempts in [1, 3, 5] {
                let error = retried(&Server::busy("dead", 9), attempts).await;
                let error = error.unwrap_err();
                assert_eq!(error.last(), Some(&Fault::Busy), "{error}");
                assert_eq!(error.attempts(), attempts, "{error}");
            }
        });
    }

    #[test]
    fn a_permanent_error_is_not_retried() {
        virtual_time(async {
            let error = retried(&Server::broken(), 5).await.unwrap_err();
            let wanted =
                RetryError::NotRetryable { attempts: 1, last: Fault::NoSuchPage };
            assert_eq!(error, wanted);
        });
    }

    /// ```text
    ///        0  30 50  80 100  130
    /// flaky  ███x░░███x░░████✓
    /// ```
    #[test]
    fn a_success_after_failures_is_a_success() {
        virtual_time(async {
            let seen = Transcript::of(request(Server::busy("flaky", 2), 3)).await;
            seen.assert_at(130.ms(), "flaky: 42 on attempt 3");
            assert_eq!(seen.lines().len(), 3, "{seen}");
        });
    }

    #[test]
    fn a_success_returns_the_number_of_its_attempt() {
        virtual_time(async {
            for failures in 0..=4 {
                let answer = retried(&Server::busy("flaky", failures), 5).await;
                assert_eq!(answer, Ok((42, failures + 1)));
            }
        });
    }
}
