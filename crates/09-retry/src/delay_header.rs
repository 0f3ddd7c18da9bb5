//! Every section over HTTP reads `Retry-After` with this parser, as seconds or as a date.

#![cfg(not(target_family = "wasm"))]

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

// ANCHOR: delay_header
/// Returns the delay that the server requests. A date is converted with the current time `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        // A date in the past contains no delay, so the backoff determines it.
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}
// ANCHOR_END: delay_header

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    /// 21 October 2015, 07:28:00 GMT.
    const NOW: Duration = Duration::from_secs(1_445_412_480);

    fn delay_seconds(header: &'static str) -> Option<u64> {
        let headers =
            HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(header))]);
        let delay = retry_after(&headers, SystemTime::UNIX_EPOCH + NOW);
        delay.map(|delay| delay.as_secs())
    }

    #[test]
    fn seconds_and_a_date_give_the_same_delay() {
        assert_eq!(delay_seconds("90"), Some(90));
        assert_eq!(delay_seconds("Wed, 21 Oct 2015 07:29:30 GMT"), Some(90));
    }

    #[test]
    fn a_past_date_or_an_unreadable_value_gives_no_delay() {
        for header in ["Wed, 21 Oct 2015 07:27:59 GMT", "soon", "-1", "1.5", ""] {
            assert_eq!(delay_seconds(header), None, "{header:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
