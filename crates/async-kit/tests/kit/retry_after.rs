//! `parse_retry_after` reads every form of the header that RFC 9110 allows, and no other.

use std::time::{Duration, SystemTime};

use async_kit::parse_retry_after;

/// 21 October 2015, 07:28:00 GMT.
const NOW: u64 = 1_445_412_480;

fn delay_seconds(value: impl AsRef<[u8]>) -> Option<u64> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    parse_retry_after(value.as_ref(), now).map(|delay| delay.as_secs())
}

#[test]
fn seconds_and_every_form_of_a_date_give_the_same_delay() {
    for value in [
        "90",
        " 90\t",
        "0090",
        "Wed, 21 Oct 2015 07:29:30 GMT",
        "Wednesday, 21-Oct-15 07:29:30 GMT",
        "Wed Oct 21 07:29:30 2015",
    ] {
        assert_eq!(delay_seconds(value), Some(90), "{value:?}");
    }
    assert_eq!(delay_seconds("0"), Some(0));
}

#[test]
fn a_number_of_any_length_is_a_delay() {
    for digits in [10, 19, 20, 40, 10_000] {
        let delay = delay_seconds("9".repeat(digits));
        assert!(delay >= Some(9_999_999_999), "{digits} digits: {delay:?}");
    }
    assert_eq!(delay_seconds("99999999999999999999"), Some(u64::MAX));
    assert_eq!(
        delay_seconds("Fri, 31 Dec 9999 23:59:59 GMT"),
        Some(253_402_300_799 - NOW)
    );
}

#[test]
fn a_past_date_or_an_unreadable_value_gives_no_delay() {
    for value in [
        "",
        " ",
        "soon",
        "+5",
        "-1",
        "1.5",
        "1e3",
        "5, 10",
        "5s",
        "0x10",
        "Wed, 21 Oct 2015 07:27:59 GMT",
        "Wed, 21 Oct 2015",
        "2015-10-21T07:29:30Z",
    ] {
        assert_eq!(delay_seconds(value), None, "{value:?}");
    }
    assert_eq!(delay_seconds(b"\xff"), None);
    assert_eq!(delay_seconds("\u{665}"), None, "an Arabic digit is not ASCII");
}
