//! Only transient errors are retried: a missing page or a bug ends the retry.
//!
//! asyncio: `except Exception` around the attempt also catches the `TypeError` of a typo, and the
//! retry repeats the mistake three times. So name the exceptions that it should catch. Tokio: an error
//! is a value of a type that you wrote, so one method decides which errors are transient. A bug that
//! panics is not an error value, so no retry ever sees it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_kit::{
    Backoff, Lane, Millis, Retry, RetryError, ask, knob, retry::is_transient_status, say,
};
use tokio::time::sleep;

/// Four pages are requested, and each fails in a different way.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=5);
    ask("attempts=2", "which of the four pages still returns a value?");
    for page in PAGES.map(|page| tokio::spawn(read(page, attempts).try_lane(page.name))) {
        // Ignore the error: `read` has reported the outcome, and the section continues.
        let _ = page.await?;
    }
    Ok(())
}

// ANCHOR: classify
#[derive(Debug, PartialEq, thiserror::Error)]
enum FetchError {
    #[error("status {0}")]
    Status(u16),
    #[error("the connection broke")]
    Broken,
    #[error("{0:?} is not a number")]
    Garbled(&'static str),
}

impl FetchError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => is_transient_status(*status),
            Self::Broken => true,
            Self::Garbled(_) => false,
        }
    }
}

async fn fetch(server: &Server, attempts: u32) -> Result<u32, RetryError<FetchError>> {
    Retry::new(Backoff::fixed(100.ms()))
        .attempts(attempts)
        .when(FetchError::is_transient)
        .on_retry(|_, _, error| say!("{error}: retrying"))
        .run(async || {
            let text = server.get().await?;
            text.parse().map_err(|_| FetchError::Garbled(text))
        })
        .await
}
// ANCHOR_END: classify

async fn read(page: Page, attempts: u32) -> Result<u32, RetryError<FetchError>> {
    let outcome = fetch(&Server::new(page), attempts).await;
    match &outcome {
        Ok(degrees) => say!("{degrees} degrees"),
        Err(RetryError::NotRetryable { last, .. }) => say!("{last}: not retried"),
        Err(error) => say!("{error}"),
    }
    outcome
}

#[derive(Clone, Copy)]
struct Page {
    name: &'static str,
    /// The first response is for the first call, and so on.
    responses: &'static [Response],
}

#[derive(Clone, Copy)]
enum Response {
    Text(&'static str),
    Status(u16),
    Broken,
}

const PAGES: [Page; 4] = [
    Page {
        name: "overloaded",
        responses: &[Response::Status(503), Response::Status(503), Response::Text("21")],
    },
    Page { name: "cut off", responses: &[Response::Broken, Response::Text("19")] },
    Page { name: "missing", responses: &[Response::Status(404)] },
    Page { name: "garbled", responses: &[Response::Text("warm")] },
];

struct Server {
    page: Page,
    calls: AtomicUsize,
}

impl Server {
    fn new(page: Page) -> Self {
        Self { page, calls: AtomicUsize::new(0) }
    }

    async fn get(&self) -> Result<&'static str, FetchError> {
        sleep(20.ms()).step("requesting").await;
        match self.page.responses[self.calls.fetch_add(1, Relaxed)] {
            Response::Text(text) => Ok(text),
            Response::Status(status) => Err(FetchError::Status(status)),
            Response::Broken => Err(FetchError::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0   20          120 140         240 260
    /// overloaded  ████░░░░░░░░████░░░░░░░░████✓
    /// cut off     ████░░░░░░░░████✓
    /// missing     ████✗
    /// garbled     ████✗
    /// ```
    #[test]
    fn only_transient_errors_are_retried() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.020s] overloaded status 503: retrying",
                "[  0.020s] cut off the connection broke: retrying",
                "[  0.020s] missing status 404: not retried",
                "[  0.020s] garbled \"warm\" is not a number: not retried",
                "[  0.140s] overloaded status 503: retrying",
                "[  0.140s] cut off 19 degrees",
                "[  0.260s] overloaded 21 degrees",
            ]);
        });
    }

    #[test]
    fn a_missing_page_is_requested_once_and_the_error_keeps_its_status() {
        virtual_time(async {
            let [_, _, missing, _] = PAGES.map(Server::new);
            let error = fetch(&missing, 5).await.expect_err("it is missing");
            let last = FetchError::Status(404);
            assert_eq!(error, RetryError::NotRetryable { attempts: 1, last });
            assert_eq!(missing.calls.load(Relaxed), 1);
        });
    }

    #[test]
    fn the_last_allowed_attempt_returns_its_own_error() {
        virtual_time(async {
            let [overloaded, ..] = PAGES.map(Server::new);
            let error =
                fetch(&overloaded, 2).await.expect_err("the third attempt succeeds");
            assert_eq!(error.last(), Some(&FetchError::Status(503)));
            assert_eq!((error.attempts(), overloaded.calls.load(Relaxed)), (2, 2));
        });
    }

    #[test]
    #[should_panic = "a typo"]
    fn a_panic_is_never_retried() {
        virtual_time(async {
            let mut calls = 0;
            let retry = Retry::<FetchError>::new(Backoff::none());
            let typo = || {
                calls += 1;
                assert_eq!(calls, 1, "a second attempt");
                async { panic!("a typo") }
            };
            let _: Result<(), _> = retry.run(typo).await;
        });
    }
}
