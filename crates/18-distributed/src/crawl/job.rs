//! A job is a page to request, and a worker reports to the scheduler what became of it.

use std::time::Duration;

use crawler::{Address, Failure, Response};
use serde::{Deserialize, Serialize};

/// A page to request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    /// The number of its scheduler's writer, a dot, and its own number. A page that is requested again
    /// has another id, so that the broker does not take it for a copy of the first.
    pub(super) id: String,
    pub(super) address: Address,
    /// Whether a worker has died that had received the page. It may have died of another one, so the next
    /// worker requests this page alone.
    pub(super) is_suspected: bool,
}

/// What a worker reports of a page, and when it was requested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fetched {
    pub(super) address: Address,
    /// The time from the start of the request to the publication of the result. It is a duration, because
    /// the clocks of two machines cannot be compared.
    pub(super) started_ago: Duration,
    pub(super) report: Report,
    /// A [`Failure`] does not serialise it, because a journal does not need it.
    retry_after: Option<Duration>,
}

/// What a worker reports of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Report {
    /// The worker requests the page of this job now, and no other one. Reported only of a suspected page.
    Started(String),
    /// The page was delivered to a worker that has died, and may have requested it.
    Lost,
    /// The worker lives, has no outcome of the page, and will not request it any more.
    Returned,
    /// The request is over.
    Done(Result<Response, Failure>),
}

impl Fetched {
    pub(super) fn new(
        address: Address,
        started_ago: Duration,
        outcome: Result<Response, Failure>,
    ) -> Self {
        let retry_after = outcome.as_ref().err().and_then(Failure::retry_after);
        Self { address, started_ago, report: Report::Done(outcome), retry_after }
    }

    /// A report without an outcome.
    pub(super) fn without_outcome(address: Address, report: Report) -> Self {
        Self { address, started_ago: Duration::ZERO, report, retry_after: None }
    }

    /// For how long its server asks for no more requests.
    pub(super) fn pause(&self) -> Duration {
        self.retry_after.unwrap_or_default()
    }

    pub(super) fn into_outcome(self) -> Option<Result<Response, Failure>> {
        let with_pause = |failure| match failure {
            Failure::Status { status, .. } => {
                Failure::Status { status, retry_after: self.retry_after }
            }
            other => other,
        };
        match self.report {
            Report::Done(outcome) => Some(outcome.map_err(with_pause)),
            Report::Started(_) | Report::Lost | Report::Returned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_retry_after_on_the_way_to_the_scheduler() {
        let address = Address::parse("http://h/").expect("an address");
        let pause = Duration::from_millis(1_500);
        let failure = Failure::Status { status: 503, retry_after: Some(pause) };
        let sent = Fetched::new(address, Duration::ZERO, Err(failure.clone()));
        let json = serde_json::to_vec(&sent).expect("JSON");
        let read: Fetched = serde_json::from_slice(&json).expect("a result");
        assert_eq!(read.pause(), pause);
        assert_eq!(read.into_outcome(), Some(Err(failure)));
    }
}
