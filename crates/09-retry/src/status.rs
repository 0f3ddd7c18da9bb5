//! A missing page is asked for once, a busy one three times, and a closed port keeps its cause.
//!
//! asyncio: aiohttp raises for a refused connection, and for a status only when asked to
//! (`raise_for_status`). Tokio: so does `reqwest`. In both one has to say which status may pass;
//! an enum of our own answers for the status and for the connection in one `match`.

use async_kit::{
    Lane,
    lab::{ClosedPort, Lab},
    stage::chapter::url,
};

use crate::fetch::{Patience, client, fetch, tell, tell_counts};

/// Three addresses fail, each for another reason.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (base, closed, client) =
        (Lab::or_url(url()).await?, ClosedPort::bind()?, client());
    for (name, address) in [
        ("missing", base.url("/status/404")),
        ("busy", base.url("/status/503")),
        ("closed", closed.url("/")),
    ] {
        tell(name, fetch(&client, &address, Patience::default()).try_lane(name).await);
    }
    tell_counts(&base);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{error::Error, io};

    use async_kit::RetryError;

    use super::*;
    use crate::fetch::FetchError;

    async fn failure(path: &str) -> (RetryError<FetchError>, u64) {
        let lab = Lab::start().await.expect("a free port");
        let error =
            fetch(&client(), &lab.url(path), Patience::default()).await.expect_err(path);
        (error, lab.stats().requests)
    }

    #[tokio::test]
    async fn only_a_status_that_may_pass_is_asked_for_again() {
        for (path, asked) in [
            ("/status/400", 1),
            ("/status/404", 1),
            ("/status/501", 1),
            ("/status/429", 3),
            ("/status/503", 3),
        ] {
            let (error, requests) = failure(path).await;
            assert_eq!((requests, error.attempts()), (asked, asked as u32), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_page_that_is_missing_says_so_and_not_that_attempts_ran_out() {
        let (error, _) = failure("/status/404").await;
        let told = format!("{:#}", anyhow::Error::from(error));
        assert_eq!(told, "attempt 1 failed for good: status 404 Not Found");
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_again_and_the_cause_is_in_the_error() {
        let closed = ClosedPort::bind().expect("a free port");
        let error = fetch(&client(), &closed.url("/"), Patience::default())
            .await
            .expect_err("nobody listens");
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
