//! Every address that a crawl comes across has exactly one fate, and the fate says why.

use std::time::Duration;

use async_kit::retry::is_transient_status;
use serde::{Deserialize, Serialize};

use crate::Address;

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fate")]
pub enum Fate {
    /// It is a page, and the crawl has it.
    Fetched(Fetched),
    /// It might be a page, but nobody could get it.
    Failed {
        /// What went wrong the last time.
        why: Failure,
        /// How often the crawl asked.
        attempts: u32,
    },
    /// The crawl does not want it, or may not have it.
    Skipped {
        /// The reason.
        why: Skip,
    },
}

/// What is known of a page that was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The text of its `<title>`, if it has one.
    pub title: Option<String>,
    /// How many bytes its body has.
    pub bytes: u64,
    /// The name of its file, if pages are kept.
    pub file: Option<String>,
}

/// Why an address was left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// Another site.
    #[error("off site")]
    OffSite,
    /// Too many links away from the start.
    #[error("too deep")]
    TooDeep,
    /// Longer than any address has to be; endless generated links often are.
    #[error("address too long")]
    TooLong,
    /// The site's `robots.txt` asks to stay away.
    #[error("forbidden by robots.txt")]
    Robots,
    /// Not a page: a picture, JSON, a download.
    #[error("not HTML: {0}")]
    NotHtml(String),
    /// More bytes than the limit allows.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// The page stands elsewhere, and has its own fate there.
    #[error("moved to {0}")]
    Moved(String),
    /// One redirect after another.
    #[error("redirected more than {0} times")]
    Redirects(u8),
}

impl Skip {
    /// The reason without its particulars, to count by.
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

/// Why a page could not be fetched. No message is ever empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The server answered, and the answer is no page.
    #[error("HTTP {status}")]
    Status {
        /// The status code, such as 404.
        status: u16,
        /// How long the server asks to wait before the next attempt; not worth remembering.
        #[serde(skip)]
        retry_after: Option<Duration>,
    },
    /// The server did not answer, or did not go on, in time.
    #[error("no answer in time: {0}")]
    TimedOut(String),
    /// There is no connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke before the answer was whole.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Nobody can tell what the site allows.
    #[error("its robots.txt cannot be had: {0}")]
    Robots(String),
    /// The page arrived, and could not be read or written to its file.
    #[error("cannot be kept: {0}")]
    Lost(String),
}

impl Failure {
    /// Whether the next attempt may succeed: a page that does not exist will not exist then.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_transient_status(*status),
            Self::TimedOut(_) | Self::Connect(_) | Self::Broken(_) => true,
            Self::Robots(_) | Self::Lost(_) => false,
        }
    }

    /// The reason without its particulars, to count by.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Status { .. } => self.to_string(),
            Self::TimedOut(_) => "no answer in time".into(),
            Self::Connect(_) => "no connection".into(),
            Self::Broken(_) => "the connection broke".into(),
            Self::Robots(_) => "robots.txt cannot be had".into(),
            Self::Lost(_) => "cannot be kept".into(),
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// One line of a crawl's history: an address, its fate, and the addresses it led to first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The address.
    pub address: String,
    /// How many links away from the start it is: no way to it is shorter.
    pub depth: u32,
    /// How many redirects led to it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redirects: u8,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// Addresses nobody had seen before, which the crawl will visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// Addresses nobody had seen before, which it will not visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<(String, Skip)>,
}

impl Visit {
    /// Judges again what was too deep for an earlier crawl, by the depth of this one.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn reconsider(&mut self, max_depth: u32) {
        let (depth, _) = self.leads_to();
        if depth <= max_depth {
            let wanted =
                self.passed_over.extract_if(.., |(_, why)| *why == Skip::TooDeep);
            self.found.extend(wanted.map(|(address, _)| address));
        }
    }

    /// The depth and the number of redirects of the addresses that it led to.
    pub(crate) fn leads_to(&self) -> (u32, u8) {
        match self.fate {
            Fate::Skipped { why: Skip::Moved(_) } => (self.depth, self.redirects + 1),
            _ => (self.depth + 1, 0),
        }
    }
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}

/// What a server gave for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page, and where its links lead.
    Page(Fetched, Vec<Address>),
    /// The page stands at another address.
    Moved(Address),
    /// Something that the crawl does not want.
    Unwanted(Skip),
}
