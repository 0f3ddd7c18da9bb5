//! A client that reads `Retry-After` never retries before the time in it.
//!
//! In both languages the program has to read the header. Answers with 429 and 503 can have it, and it
//! contains seconds or a date (Python: `email.utils.parsedate_to_datetime`, here: the kit's
//! `parse_retry_after`). Its delay replaces the delay of the backoff. If it is longer than the rest of
//! the total time, the client does not retry.

#![cfg(not(target_family = "wasm"))]

use async_kit::{
    Lane, RetryError, ask, knob,
    lab::{Base, Lab},
    say,
    stage::chapter::url,
};

use crate::http_policy::{FetchError, Timing, client, fetch};

pub(crate) fn knobs() -> u32 {
    let seconds = knob("seconds", 1, 0..=20);
    ask("seconds=20", "how long does the client wait before it gives up?");
    seconds
}

/// The server is busy, and asks the client to retry after one second.
pub(crate) async fn run(seconds: u32) -> anyhow::Result<()> {
    let base = Lab::or_url(url()).await?;
    match busy_once(&base, seconds).try_lane("client").await {
        Ok(text) => say!("{text}"),
        Err(error) => say!("{:#}", anyhow::Error::from(error)),
    }
    Ok(())
}

async fn busy_once(base: &Base, seconds: u32) -> Result<String, RetryError<FetchError>> {
    // A server that outlives this run counts failures per key, so every run needs a new key.
    let page = format!("/flaky/{:x}?fail=1&status=429", fastrand::u64(..));
    let page = base.url(&format!("{page}&retry_after={seconds}"));
    fetch(&client(), &page, Timing::default()).await
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    async fn lab() -> Base {
        Lab::or_url(None).await.expect("a free port")
    }

    #[tokio::test]
    async fn the_second_attempt_starts_no_earlier_than_retry_after() {
        let (base, start) = (lab().await, Instant::now());
        busy_once(&base, 1).await.expect("the second attempt");
        let took = start.elapsed();
        assert!(
            took >= Duration::from_secs(1),
            "{took:?}; the backoff alone would wait at most 50 ms"
        );
        assert_eq!(base.lab().map(|lab| lab.stats().requests), Some(2));
    }

    #[tokio::test]
    async fn a_retry_after_longer_than_the_total_limit_ends_the_retry() {
        let base = lab().await;
        let error =
            busy_once(&base, 20).await.expect_err("the total limit is ten seconds");
        assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{error:?}");
        assert_eq!(base.lab().map(|lab| lab.stats().requests), Some(1));
    }
}
