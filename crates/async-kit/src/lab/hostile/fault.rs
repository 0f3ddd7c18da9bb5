//! The seed and the page number decide if a page fails, how it fails, and if a retry helps.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::lab::failed_response::{drop_connection, truncated};

/// The fault of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How the request fails.
    pub failure: Failure,
    /// True if only the first request fails, so that a retry succeeds.
    pub heals: bool,
}

/// How a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The response has this status: 500, 502, 503 or 504.
    Status(u16),
    /// The connection is dropped before the first byte of the response.
    NoResponse,
    /// The connection is dropped in the middle of the body.
    Truncated,
}

/// Statuses that may be transient; 501 is permanent by definition, so it is not among them.
const STATUSES: [u16; 4] = [500, 502, 503, 504];

const HALF: &str = "<!doctype html>\n<title>Half of a page</title>\n<p>It ends he";

/// Three pages of ten have a fault. Page 0 has none, because otherwise no page would be reachable.
pub(super) fn of(seed: u64, i: u64, is_leaf: bool) -> Option<Fault> {
    // The factor is odd and has no pattern, so that neighbouring seeds give different sites.
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i;
    let mut random = fastrand::Rng::with_seed(mixed);
    if i == 0 || random.u8(0..10) >= 3 {
        return None;
    }
    let failure = match random.u8(0..3) {
        0 => Failure::Status(STATUSES[random.usize(..STATUSES.len())]),
        1 => Failure::NoResponse,
        _ => Failure::Truncated,
    };
    Some(Fault { failure, heals: !is_leaf || random.bool() })
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Status(code) => {
                StatusCode::from_u16(code).expect("one of the list").into_response()
            }
            Self::NoResponse => drop_connection(),
            Self::Truncated => truncated("text/html", HALF),
        }
    }
}
