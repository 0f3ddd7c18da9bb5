//! An HTTP status shows whether the same request may succeed later.

/// Whether a request that was answered with this HTTP status may succeed if it is sent again.
///
/// `true` for 408, 425 and 429, and for every status from 500 to 599 that does not describe a
/// permanent state of the server. An unknown status of this class counts as 500, as
/// [RFC 9110, section 15] demands. The permanent states are 501 (not implemented), 505 (HTTP
/// version), 506 (wrong configuration), 508 (loop), 510 (extension missing) and 511 (sign in to the
/// network first). Any other number gives `false`.
///
/// The status alone is not enough: the request must also be idempotent, or have a key by which the
/// server recognises a repetition.
///
/// # Examples
///
/// ```
/// use async_kit::retry::is_transient_status;
///
/// assert!(is_transient_status(503));
/// assert!(!is_transient_status(404));
/// ```
///
/// [RFC 9110, section 15]: https://www.rfc-editor.org/rfc/rfc9110#section-15
pub const fn is_transient_status(status: u16) -> bool {
    match status {
        // Request Timeout (RFC 9110), Too Early (RFC 8470), Too Many Requests (RFC 6585).
        408 | 425 | 429 => true,
        501 | 505 | 506 | 508 | 510 | 511 => false,
        500..=599 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_outside_the_classes_of_errors_is_transient() {
        assert!((0..=399).chain(600..=999).all(|status| !is_transient_status(status)));
    }

    #[test]
    fn three_client_errors_are_transient() {
        let transient: Vec<_> = (400..500).filter(|&s| is_transient_status(s)).collect();
        assert_eq!(transient, [408, 425, 429]);
    }

    #[test]
    fn six_server_errors_are_not_transient() {
        let lasting: Vec<_> = (500..600).filter(|&s| !is_transient_status(s)).collect();
        assert_eq!(lasting, [501, 505, 506, 508, 510, 511]);
    }
}
