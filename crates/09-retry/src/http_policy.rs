//! One attempt at a page ends with its whole text, or with an error that says if it may pass.

use std::time::{Duration, SystemTime};

use async_kit::{
    Backoff, Jitter, Lane, Millis, Retry, RetryError, lab::Base,
    retry::is_transient_status, say,
};
use reqwest::{Client, RequestBuilder, StatusCode};

use crate::retry_header::retry_after;

/// A client to be shared: it keeps its connections open, which a client per attempt cannot.
pub(crate) fn client() -> Client {
    // The lab is on this machine, and no proxy stands before it.
    Client::builder().no_proxy().build().expect("without TLS there is nothing to set up")
}

// ANCHOR: fetch
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("status {status}")]
    Status { status: StatusCode, retry_after: Option<Duration> },
    #[error("the connection failed")]
    Transport(#[from] reqwest::Error),
}

impl FetchError {
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_transient_status(status.as_u16()),
            Self::Transport(error) => !error.is_builder() && !error.is_redirect(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Transport(_) => None,
        }
    }
}

/// How long a retry waits: between attempts, for each of them, and for all.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) backoff: Backoff,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let backoff = Backoff::exponential(50.ms()).max(1.secs()).jitter(Jitter::Full);
        Self { backoff, attempt: 2.secs(), total: 10.secs() }
    }
}

/// Every question of this chapter, answered once; for requests that may be repeated, as a GET or a
/// POST with a key.
pub(crate) fn policy(patience: Patience) -> Retry<'static, FetchError> {
    Retry::new(patience.backoff)
        .attempts(3)
        .attempt_timeout(patience.attempt)
        .total(patience.total)
        .when(FetchError::is_transient)
        .retry_after(FetchError::retry_after)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
}

/// Fetches a page, over one connection if the server allows it.
pub(crate) async fn fetch(
    client: &Client,
    url: &str,
    patience: Patience,
) -> Result<String, RetryError<FetchError>> {
    policy(patience).run(|| attempt(client.get(url)).step("asking")).await
}

pub(crate) async fn attempt(request: RequestBuilder) -> Result<String, FetchError> {
    let answer = request.send().await?;
    let (status, retry_after) =
        (answer.status(), retry_after(answer.headers(), SystemTime::now()));
    // Read to its end, wanted or not: a body left behind can cost the connection.
    let text = answer.text().await?;
    match status.is_success() {
        true => Ok(text),
        false => Err(FetchError::Status { status, retry_after }),
    }
}
// ANCHOR_END: fetch

/// Says what came of it, with every cause of an error.
pub(crate) fn tell<E: Into<anyhow::Error>>(how: &str, outcome: Result<String, E>) {
    match outcome {
        Ok(text) => say!("{how}: {text}"),
        Err(error) => say!("{how}: {:#}", error.into()),
    }
}

/// Only a lab of our own can say what it saw.
pub(crate) fn tell_counts(base: &Base) {
    if let Some(lab) = base.lab() {
        say!("until now {}", lab.stats());
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use async_kit::{lab::Lab, virtual_time};
    use tokio::time::Instant;

    use super::*;

    /// Steady, so that its waits can be told to the millisecond.
    fn steady() -> Patience {
        Patience { backoff: Backoff::fixed(50.ms()), ..Patience::default() }
    }

    /// The end of a fetch, how long it took, and how many requests it made.
    async fn failure(
        path: &str,
        patience: Patience,
    ) -> (RetryError<FetchError>, Duration, u64) {
        let (lab, start) = (Lab::start().await.expect("a free port"), Instant::now());
        let error = fetch(&client(), &lab.url(path), patience).await.expect_err(path);
        (error, start.elapsed(), lab.stats().requests)
    }

    /// How long the policy takes, in virtual time, over an operation that never succeeds.
    fn took<F>(patience: Patience, operation: fn() -> F) -> Duration
    where
        F: Future<Output = Result<(), FetchError>> + Send + 'static,
    {
        virtual_time(async move {
            let start = Instant::now();
            policy(patience).run(operation).await.expect_err("it never succeeds");
            start.elapsed()
        })
    }

    fn busy_for(seconds: Option<u64>) -> FetchError {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        FetchError::Status { status, retry_after: seconds.map(Duration::from_secs) }
    }

    #[tokio::test]
    async fn a_bad_status_is_waited_after_like_a_broken_connection() {
        for path in ["/status/503", "/reset"] {
            let (error, took, requests) = failure(path, steady()).await;
            assert_eq!(requests, 3, "{error:?}");
            assert!(took >= 100.ms(), "two pauses of 50 ms took {took:?} on {path}");
        }
    }

    #[tokio::test]
    async fn a_server_that_stalls_is_asked_again_after_the_limit_of_an_attempt() {
        let patience = Patience { attempt: 50.ms(), ..steady() };
        let (error, took, _) = failure("/stall", patience).await;
        assert!(matches!(error, RetryError::Exhausted { attempts: 3, .. }), "{error:?}");
        assert!(took >= 250.ms(), "three limits and two pauses took {took:?}");
    }

    #[tokio::test]
    async fn a_server_that_stalls_is_not_waited_for_beyond_the_total() {
        let patience = Patience { attempt: 60.secs(), total: 200.ms(), ..steady() };
        let (error, ..) = failure("/stall", patience).await;
        assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{error:?}");
    }

    #[test]
    fn unless_told_otherwise_an_attempt_has_two_seconds_and_all_have_ten() {
        assert_eq!(took(steady(), pending), 2.secs() * 3 + 50.ms() * 2);
        let patient = Patience { attempt: 60.secs(), ..steady() };
        assert_eq!(took(patient, pending), 10.secs());
    }

    #[test]
    fn unless_told_otherwise_the_pauses_double_up_to_a_second() {
        let backoff = Patience::default().backoff.jitter(Jitter::None);
        let pauses: Vec<_> = backoff.delays().take(7).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1000, 1000].map(Millis::ms));
    }

    /// The first delay is drawn below 50 ms, the second below 100.
    #[test]
    fn unless_told_otherwise_the_pauses_are_drawn() {
        let pauses = |seed| {
            let backoff = Patience::default().backoff.seed(seed);
            took(Patience { backoff, ..Patience::default() }, || {
                ready(Err(busy_for(None)))
            })
        };
        assert_ne!(pauses(1), pauses(2));
        for seed in 0..100 {
            let pauses = pauses(seed);
            assert!(pauses > 0.ms() && pauses < 152.ms(), "{pauses:?}");
        }
    }

    #[test]
    fn what_the_server_asks_for_goes_before_the_backoff_and_the_total_before_both() {
        assert_eq!(took(steady(), || ready(Err(busy_for(Some(3))))), 6.secs());
        assert_eq!(took(steady(), || ready(Err(busy_for(Some(10))))), 0.ms());
    }
}
