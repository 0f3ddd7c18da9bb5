//! Whether a page fails, how, and for how long is a function of the seed and the page.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::lab::trouble::{hang_up, torn};

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What a request meets.
    pub failure: Failure,
    /// Whether only the first request meets it.
    pub heals: bool,
}

/// How a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// With this status: 500, 502, 503 or 504.
    Status(u16),
    /// The connection is dropped before a word of the answer.
    HungUp,
    /// The connection is dropped in the middle of the body.
    Torn,
}

/// Statuses of a server that may recover: a 501 that goes away would be a lie.
const STATUSES: [u16; 4] = [500, 502, 503, 504];

const HALF: &str = "<!doctype html>\n<title>Half of a page</title>\n<p>It ends he";

/// Three of ten. Page 0 is well, or there would be no site.
pub(super) fn of(seed: u64, i: u64, is_leaf: bool) -> Option<Fault> {
    // The factor, an odd number without a pattern, keeps neighbouring seeds apart.
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i;
    let mut dice = fastrand::Rng::with_seed(mixed);
    if i == 0 || dice.u8(0..10) >= 3 {
        return None;
    }
    let failure = match dice.u8(0..3) {
        0 => Failure::Status(STATUSES[dice.usize(..STATUSES.len())]),
        1 => Failure::HungUp,
        _ => Failure::Torn,
    };
    Some(Fault { failure, heals: !is_leaf || dice.bool() })
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Status(code) => {
                StatusCode::from_u16(code).expect("one of the list").into_response()
            }
            Self::HungUp => hang_up(),
            Self::Torn => torn("text/html", HALF),
        }
    }
}
