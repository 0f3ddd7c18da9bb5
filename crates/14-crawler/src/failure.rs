//! Every failure has a reason that is not empty, and is either transient or permanent.

use std::time::Duration;

use async_kit::retry::is_transient_status;
use serde::{Deserialize, Serialize};

/// A server may ask for a pause of a day. The crawl waits at most a minute, and then makes the next
/// attempt.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Why a page could not be fetched. No message is ever empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The server responded, but not with a page.
    #[error("HTTP {status}")]
    Status {
        /// The status code, such as 404.
        status: u16,
        /// How long the server asks to wait before the next attempt. Only this session needs
        /// it, so it is not recorded.
        #[serde(skip)]
        retry_after: Option<Duration>,
    },
    /// The timeout expired before the whole response arrived.
    #[error("no response in time: {0}")]
    TimedOut(String),
    /// There is no connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke before the whole response arrived.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The response arrived, but it cannot be used.
    #[error("the response is invalid: {0}")]
    Invalid(String),
    /// The site's rules are unknown, so no page of it may be requested.
    #[error("its robots.txt cannot be fetched: {0}")]
    Robots(String),
    /// The page arrived, but could not be parsed.
    #[error("cannot be parsed: {0}")]
    Unparsed(String),
    /// This machine failed and not the site, for example because the disk is full. This is no outcome
    /// of the page: it ends the crawl early, and a resumed crawl requests the page again.
    #[error("{0}")]
    Local(String),
}

impl Failure {
    /// The failure of each page of a site whose `robots.txt` could not be fetched for this reason.
    pub(crate) fn of_robots(self) -> Self {
        match self {
            Self::Local(_) | Self::Robots(_) => self,
            why => Self::Robots(why.to_string()),
        }
    }

    /// Whether the next attempt may succeed. A page that does not exist will not exist at the next
    /// attempt either.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_transient_status(*status),
            Self::TimedOut(_) | Self::Connect(_) | Self::Broken(_) => true,
            Self::Invalid(_) | Self::Robots(_) | Self::Unparsed(_) | Self::Local(_) => {
                false
            }
        }
    }

    /// The reason without its details. The report counts failures by it.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Status { .. } => self.to_string(),
            Self::TimedOut(_) => "no response in time".into(),
            Self::Connect(_) => "no connection".into(),
            Self::Broken(_) => "the connection broke".into(),
            Self::Invalid(_) => "the response is invalid".into(),
            Self::Robots(_) => "robots.txt cannot be fetched".into(),
            Self::Unparsed(_) => "cannot be parsed".into(),
            Self::Local(_) => "this machine failed".into(),
        }
    }

    /// How long the server asks to wait, but at most a minute.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => {
                retry_after.map(|pause| pause.min(MAX_PAUSE))
            }
            _ => None,
        }
    }
}
