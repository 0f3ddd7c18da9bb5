//! A number out of range is refused before any handler sees it.

use axum::http::StatusCode;
use serde::Deserialize;

/// A whole number from `MIN` to `MAX`, as part of a path or of a query.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
pub(super) struct Bounded<const MIN: u64, const MAX: u64>(pub(super) u64);

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Bounded<MIN, MAX> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("{number} is not in {MIN}..={MAX}"))
        }
    }
}

impl<const MIN: u64, const MAX: u64> Bounded<MIN, MAX> {
    /// The number as a status. The bounds must lie within 100 to 999, the valid statuses.
    pub(super) fn status(self) -> StatusCode {
        const { assert!(100 <= MIN && MAX <= 999) };
        StatusCode::from_u16(self.0 as u16)
            .expect("every number from 100 to 999 is a status")
    }
}
