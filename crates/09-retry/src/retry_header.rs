//! A server that sends `Retry-After` is asked again then, and not a moment earlier.
//!
//! In both languages the header is read by hand: it comes with 429 and 503, and holds seconds or
//! a date (Python: `email.utils.parsedate_to_datetime`, here: `httpdate`). It goes before the
//! backoff, and only the total limit goes before it.

use std::time::{Duration, SystemTime};

use async_kit::{
    Lane, RetryError, knob,
    lab::{Base, Lab},
    say,
    stage::chapter::url,
};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::fetch::{FetchError, Patience, client, fetch};

pub(crate) fn knobs() -> u32 {
    knob("seconds", 1, 0..=20)
}

/// The server is busy and says for how long: one second.
pub(crate) async fn run(seconds: u32) -> anyhow::Result<()> {
    let base = Lab::or_url(url()).await?;
    match busy_once(&base, seconds).try_lane("client").await {
        Ok(text) => say!("{text}"),
        Err(error) => say!("{:#}", anyhow::Error::from(error)),
    }
    Ok(())
}

async fn busy_once(base: &Base, seconds: u32) -> Result<String, RetryError<FetchError>> {
    // A server that outlives this run knows a page by its key.
    let page = format!("/flaky/{:x}?fail=1&status=429", fastrand::u64(..));
    let page = base.url(&format!("{page}&retry_after={seconds}"));
    fetch(&client(), &page, Patience::default()).await
}

// ANCHOR: retry_header
/// How long the server asks to be left alone; a date needs to know what time it is.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        // A date that has passed says nothing about the next wait: that is the backoff's.
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}
// ANCHOR_END: retry_header

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use reqwest::header::HeaderValue;

    use super::*;

    /// 21 October 2015, 07:28:00 GMT.
    const NOW: Duration = Duration::from_secs(1_445_412_480);

    fn asked(header: &'static str) -> Option<u64> {
        let headers =
            HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(header))]);
        let wait = retry_after(&headers, SystemTime::UNIX_EPOCH + NOW);
        wait.map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_a_date_ask_for_the_same_wait() {
        assert_eq!(asked("90"), Some(90));
        assert_eq!(asked("Wed, 21 Oct 2015 07:29:30 GMT"), Some(90));
    }

    #[test]
    fn what_is_past_or_cannot_be_read_is_left_to_the_backoff() {
        for header in ["Wed, 21 Oct 2015 07:27:59 GMT", "soon", "-1", "1.5", ""] {
            assert_eq!(asked(header), None, "{header:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    async fn lab() -> Base {
        Lab::or_url(None).await.expect("a free port")
    }

    #[tokio::test]
    async fn the_second_attempt_comes_no_earlier_than_the_server_asked() {
        let (base, start) = (lab().await, Instant::now());
        busy_once(&base, 1).await.expect("the second attempt");
        let took = start.elapsed();
        assert!(took >= Duration::from_secs(1), "{took:?}, and the backoff waits 50 ms");
        assert_eq!(base.lab().map(|lab| lab.stats().requests), Some(2));
    }

    #[tokio::test]
    async fn who_is_told_to_wait_beyond_the_total_gives_up_at_once() {
        let base = lab().await;
        let error = busy_once(&base, 20).await.expect_err("ten seconds are all there is");
        assert!(matches!(error, RetryError::OutOfTime { attempts: 1, .. }), "{error:?}");
        assert_eq!(base.lab().map(|lab| lab.stats().requests), Some(1));
    }
}
