//! Every address that a crawl finds has exactly one outcome.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Whether an address was fetched, and if not, the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// It is a page, and the crawl has fetched it.
    Fetched(Fetched),
    /// It may be a page, but it could not be fetched.
    Failed {
        /// What went wrong in the last attempt.
        why: Failure,
        /// How many requests were made.
        attempts: u32,
    },
    /// The crawl does not want it, or must not fetch it.
    Skipped {
        /// The reason.
        why: Skip,
    },
}

/// What is known about a page that was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The text of its `<title>`, if it has one.
    pub title: Option<String>,
    /// The size of its body in bytes.
    pub bytes: u64,
    /// The name of its file, if pages are saved.
    pub file: Option<String>,
}

/// Why an address was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// It is on another site.
    #[error("off site")]
    OffSite,
    /// It is too many links away from the start.
    #[error("too deep")]
    TooDeep,
    /// It is longer than the address of any real page, as some generated links are.
    #[error("address too long")]
    TooLong,
    /// The site's `robots.txt` forbids it.
    #[error("forbidden by robots.txt")]
    Robots,
    /// It is not a page, but an image, JSON or a download.
    #[error("not HTML: {0}")]
    NotHtml(String),
    /// It has more bytes than the limit allows.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// It redirects to another address, which has its own outcome.
    #[error("moved to {0}")]
    Moved(String),
    /// It was reached by more redirects than the limit allows.
    #[error("redirected more than {0} times")]
    Redirects(u8),
}

impl Skip {
    /// Whether the limits of the crawl exclude the address, so that no request was needed.
    #[must_use]
    pub(crate) fn is_by_limits(&self) -> bool {
        matches!(self, Self::OffSite | Self::TooLong | Self::TooDeep)
    }

    /// The reason without its details. The report counts skipped addresses by it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OffSite => "off site",
            Self::TooDeep => "too deep",
            Self::TooLong => "address too long",
            Self::Robots => "forbidden by robots.txt",
            Self::NotHtml(_) => "not HTML",
            Self::TooLarge(_) => "too large",
            Self::Moved(_) => "moved",
            Self::Redirects(_) => "too many redirects",
        }
    }
}
