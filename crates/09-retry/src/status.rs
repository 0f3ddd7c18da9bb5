//! A 404 is requested once; a 503 and a refused connection get three attempts.
//!
//! asyncio: aiohttp raises for a refused connection, and for an error status only with
//! `raise_for_status`. Tokio: `reqwest` does the same. In both, the program has to decide
//! which status is transient. Here one enum covers the status and the connection in one `match`.

#![cfg(not(target_family = "wasm"))]

use async_kit::{
    Lane,
    lab::{ClosedPort, Lab},
    stage::chapter::url,
};

use crate::{
    http_policy::{Timing, client, fetch},
    report::{report_counts, report_outcome},
};

/// Three addresses fail, each for a different reason.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (base, closed, client) =
        (Lab::or_url(url()).await?, ClosedPort::bind()?, client());
    for (name, address) in [
        ("missing", base.url("/status/404")),
        ("busy", base.url("/status/503")),
        ("closed", closed.url("/")),
    ] {
        let outcome = fetch(&client, &address, Timing::default()).try_lane(name).await;
        report_outcome(name, outcome);
    }
    report_counts(&base);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{error::Error, io};

    use async_kit::RetryError;

    use super::*;
    use crate::http_policy::FetchError;

    async fn failure(path: &str) -> (RetryError<FetchError>, u64) {
        let lab = Lab::start().await.expect("a free port");
        let error =
            fetch(&client(), &lab.url(path), Timing::default()).await.expect_err(path);
        (error, lab.stats().requests)
    }

    #[tokio::test]
    async fn only_a_transient_status_is_retried() {
        for (path, expected) in [
            ("/status/400", 1),
            ("/status/404", 1),
            ("/status/501", 1),
            ("/status/429", 3),
            ("/status/503", 3),
        ] {
            let (error, requests) = failure(path).await;
            assert_eq!(requests, expected, "{error:?}");
            assert_eq!(u64::from(error.attempts()), expected, "{error:?}");
        }
    }

    #[tokio::test]
    async fn the_error_of_a_missing_page_names_the_status_and_not_the_attempts() {
        let (error, _) = failure("/status/404").await;
        let text = format!("{:#}", anyhow::Error::from(error));
        assert_eq!(text, "attempt 1 failed permanently: status 404 Not Found");
    }

    #[tokio::test]
    async fn a_refused_connection_is_retried_and_the_error_keeps_the_cause() {
        let closed = ClosedPort::bind().expect("a free port");
        let error = fetch(&client(), &closed.url("/"), Timing::default())
            .await
            .expect_err("the port is closed");
        assert_eq!(error.attempts(), 3, "{error:?}");
        match error.last() {
            Some(FetchError::Transport(cause)) => {
                assert!(cause.is_connect(), "{cause:?}")
            }
            other => panic!("not a refused connection: {other:?}"),
        }
        let refused = |cause: &(dyn Error + 'static)| {
            let cause = cause.downcast_ref::<io::Error>();
            cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
        };
        assert!(anyhow::Chain::new(&error).any(refused), "{error:?}");
    }
}
