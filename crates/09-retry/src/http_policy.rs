//! `flaky`, `status`, `reset`, `retry_header` and `charge` share this client and retry policy.

#![cfg(not(target_family = "wasm"))]

use std::time::{Duration, SystemTime};

use async_kit::{
    Backoff, Jitter, Lane, Millis, Retry, RetryError, parse_retry_after,
    retry::is_transient_status, say,
};
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

/// Makes a client that all attempts should share, because it keeps its connections open.
pub(crate) fn client() -> Client {
    // The lab is on this machine, so a proxy from the environment must not be used.
    Client::builder().no_proxy().build().expect("a client without TLS needs no setup")
}

// ANCHOR: delay_header
/// Returns the delay that the server requests, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    parse_retry_after(headers.get(RETRY_AFTER)?.as_bytes(), SystemTime::now())
}
// ANCHOR_END: delay_header

// ANCHOR: http_policy
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

/// The delays between attempts, the time limit of each attempt, and that of all together.
#[derive(Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) backoff: Backoff,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let backoff = Backoff::exponential(50.ms()).max(1.secs()).jitter(Jitter::Full);
        Self { backoff, attempt: 2.secs(), total: 10.secs() }
    }
}

/// One policy with the settings of this chapter. The request must be idempotent: a GET, or a POST
/// with a key.
pub(crate) fn policy(timing: Timing) -> Retry<'static, FetchError> {
    Retry::new(timing.backoff)
        .attempts(3)
        .attempt_timeout(timing.attempt)
        .total(timing.total)
        .when(FetchError::is_transient)
        .retry_after(FetchError::retry_after)
        .on_retry(|attempt, _, error| say!("attempt {attempt}: {error}"))
}

/// Fetches a page. All attempts use one connection, if the server keeps it open.
pub(crate) async fn fetch(
    client: &Client,
    url: &str,
    timing: Timing,
) -> Result<String, RetryError<FetchError>> {
    policy(timing).run(|| attempt(client.get(url)).step("requesting")).await
}

pub(crate) async fn attempt(request: RequestBuilder) -> Result<String, FetchError> {
    let response = request.send().await?;
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    // An error's body is read too, because an unread body can prevent reuse of the connection.
    let text = response.text().await?;
    match status.is_success() {
        true => Ok(text),
        false => Err(FetchError::Status { status, retry_after }),
    }
}
// ANCHOR_END: http_policy

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use async_kit::{lab::Lab, virtual_time};
    use reqwest::header::HeaderValue;
    use tokio::time::Instant;

    use super::*;

    /// Fixed delays without jitter, so that a test knows each delay to the millisecond.
    fn fixed_delay() -> Timing {
        Timing { backoff: Backoff::fixed(50.ms()), ..Timing::default() }
    }

    /// Returns the error of a fetch, how long the fetch took, and the number of its requests.
    async fn failure(
        path: &str,
        timing: Timing,
    ) -> (RetryError<FetchError>, Duration, u64) {
        let (lab, start) = (Lab::start().await.expect("a free port"), Instant::now());
        let error = fetch(&client(), &lab.url(path), timing).await.expect_err(path);
        (error, start.elapsed(), lab.stats().requests)
    }

    /// Returns how long the policy runs, in virtual time, if the operation never succeeds.
    fn took<F>(timing: Timing, operation: fn() -> F) -> Duration
    where
        F: Future<Output = Result<(), FetchError>> + Send + 'static,
    {
        virtual_time(async move {
            let start = Instant::now();
            policy(timing).run(operation).await.expect_err("it never succeeds");
            start.elapsed()
        })
    }

    fn busy_for(seconds: Option<u64>) -> FetchError {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        FetchError::Status { status, retry_after: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn a_date_and_a_number_of_any_size_are_delays() {
        for value in ["99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            let value = HeaderValue::from_static(value);
            let delay = retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]));
            assert!(delay > Some(1_000_000.secs()), "{delay:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[tokio::test]
    async fn an_error_status_and_a_broken_connection_have_the_same_delay() {
        for path in ["/status/503", "/reset"] {
            let (error, took, requests) = failure(path, fixed_delay()).await;
            assert_eq!(requests, 3, "{error:?}");
            assert!(took >= 100.ms(), "two delays of 50 ms took {took:?} on {path}");
        }
    }

    #[tokio::test]
    async fn a_request_that_stalls_is_retried_after_the_attempt_timeout() {
        let timing = Timing { attempt: 50.ms(), ..fixed_delay() };
        let (error, took, _) = failure("/stall", timing).await;
        assert!(matches!(error, RetryError::Exhausted { attempts: 3, .. }), "{error:?}");
        assert!(took >= 250.ms(), "three timeouts and two delays took {took:?}");
    }

    #[tokio::test]
    async fn a_request_that_stalls_fails_at_the_total_limit() {
        let timing = Timing { attempt: 60.secs(), total: 200.ms(), ..fixed_delay() };
        let (error, ..) = failure("/stall", timing).await;
        assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{error:?}");
    }

    #[test]
    fn by_default_an_attempt_has_two_seconds_and_all_together_have_ten() {
        assert_eq!(took(fixed_delay(), pending), 2.secs() * 3 + 50.ms() * 2);
        let long_attempts = Timing { attempt: 60.secs(), ..fixed_delay() };
        assert_eq!(took(long_attempts, pending), 10.secs());
    }

    #[test]
    fn by_default_the_delays_double_up_to_a_second() {
        let backoff = Timing::default().backoff.jitter(Jitter::None);
        let delays: Vec<_> = backoff.delays().take(7).collect();
        assert_eq!(delays, [50, 100, 200, 400, 800, 1000, 1000].map(Millis::ms));
    }

    /// The first delay is a random time below 50 ms, the second below 100 ms.
    #[test]
    fn by_default_the_delays_are_random() {
        let delays = |seed| {
            let backoff = Timing::default().backoff.seed(seed);
            took(Timing { backoff, ..Timing::default() }, || ready(Err(busy_for(None))))
        };
        assert_ne!(delays(1), delays(2));
        for seed in 0..100 {
            let delays = delays(seed);
            assert!(delays > 0.ms() && delays < 152.ms(), "{delays:?}");
        }
    }

    #[test]
    fn the_servers_delay_replaces_the_backoff_and_the_total_limits_both() {
        assert_eq!(took(fixed_delay(), || ready(Err(busy_for(Some(3))))), 6.secs());
        assert_eq!(took(fixed_delay(), || ready(Err(busy_for(Some(10))))), 0.ms());
    }
}
