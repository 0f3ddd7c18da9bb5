//! Only what may pass next time is tried again: a missing page and a bug are not.
//!
//! asyncio: `except Exception` around the attempt also catches the `TypeError` of a typo, and
//! makes the same mistake three times; name the errors instead. Tokio: an error is a value of a
//! type that you wrote, so one method says which of them are worth another attempt. A bug that
//! panics is no error value: no retry ever sees it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_kit::{
    Backoff, Lane, Millis, Retry, RetryError, knob, retry::is_transient_status, say,
};
use tokio::time::sleep;

/// Four pages are asked for, and each fails in its own way.
pub(crate) async fn run() -> anyhow::Result<()> {
    let attempts = knob("attempts", 3, 1..=5);
    for page in PAGES.map(|page| tokio::spawn(read(page, attempts).try_lane(page.name))) {
        // What became of it was said, and no page fails the section.
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
    #[error("{0:?} is no number")]
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
        .on_retry(|_, _, error| say!("{error}, so again"))
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
        Err(RetryError::NotRetryable { last, .. }) => say!("{last}, for good"),
        Err(error) => say!("{error}"),
    }
    outcome
}

/// What a page answers, call by call.
#[derive(Clone, Copy)]
struct Page {
    name: &'static str,
    answers: &'static [Answer],
}

#[derive(Clone, Copy)]
enum Answer {
    Text(&'static str),
    Status(u16),
    Broken,
}

const PAGES: [Page; 4] = [
    Page {
        name: "overloaded",
        answers: &[Answer::Status(503), Answer::Status(503), Answer::Text("21")],
    },
    Page { name: "cut off", answers: &[Answer::Broken, Answer::Text("19")] },
    Page { name: "missing", answers: &[Answer::Status(404)] },
    Page { name: "garbled", answers: &[Answer::Text("warm")] },
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
        sleep(20.ms()).step("asking").await;
        match self.page.answers[self.calls.fetch_add(1, Relaxed)] {
            Answer::Text(text) => Ok(text),
            Answer::Status(status) => Err(FetchError::Status(status)),
            Answer::Broken => Err(FetchError::Broken),
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
    fn only_the_transient_errors_are_tried_again() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.020s] overloaded status 503, so again",
                "[  0.020s] cut off the connection broke, so again",
                "[  0.020s] missing status 404, for good",
                "[  0.020s] garbled \"warm\" is no number, for good",
                "[  0.140s] overloaded status 503, so again",
                "[  0.140s] cut off 19 degrees",
                "[  0.260s] overloaded 21 degrees",
            ]);
        });
    }

    #[test]
    fn a_missing_page_is_asked_for_once_and_its_status_is_kept() {
        virtual_time(async {
            let [_, _, missing, _] = PAGES.map(Server::new);
            let error = fetch(&missing, 5).await.expect_err("it is missing");
            let last = FetchError::Status(404);
            assert_eq!(error, RetryError::NotRetryable { attempts: 1, last });
            assert_eq!(missing.calls.load(Relaxed), 1);
        });
    }

    #[test]
    fn the_last_allowed_attempt_ends_with_what_it_met() {
        virtual_time(async {
            let [overloaded, ..] = PAGES.map(Server::new);
            let error =
                fetch(&overloaded, 2).await.expect_err("it answers the third time");
            assert_eq!(error.last(), Some(&FetchError::Status(503)));
            assert_eq!((error.attempts(), overloaded.calls.load(Relaxed)), (2, 2));
        });
    }

    #[test]
    #[should_panic = "a typo"]
    fn a_panic_is_never_tried_again() {
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
