//! A `Retry-After` header of any size is one delay, whether it contains seconds or a date.

use std::time::{Duration, SystemTime};

/// Reads the value of HTTP's `Retry-After` header: how long after `now` the server wants the next
/// request.
///
/// The value is a number of seconds or one of the three forms of an HTTP date ([RFC 9110, section
/// 10.2.3]). A date is compared with `now`, so the delay is correct only if the clocks of both
/// machines agree. Python's standard library has no parser for this header.
///
/// The delay has no upper limit, because only the caller knows how long it can wait: a number above
/// `u64::MAX` seconds gives `u64::MAX` seconds.
///
/// Returns `None` if there is nothing to wait for: the date has passed, or the value is neither a
/// number nor a date. Then the backoff should determine the delay.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use async_kit::parse_retry_after;
///
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_480);
/// let delay = Some(Duration::from_secs(90));
/// assert_eq!(parse_retry_after(b"90", now), delay);
/// assert_eq!(parse_retry_after(b"Wed, 21 Oct 2015 07:29:30 GMT", now), delay);
/// ```
///
/// [RFC 9110, section 10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
#[must_use]
pub fn parse_retry_after(value: &[u8], now: SystemTime) -> Option<Duration> {
    let text = str::from_utf8(value).ok()?.trim_ascii();
    if text.is_empty() {
        return None;
    }
    // `parse` alone would accept `+5`, and fails for a number that is too large.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    httpdate::parse_http_date(text).ok()?.duration_since(now).ok()
}
