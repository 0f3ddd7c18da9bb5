//! A response that breaks off is retried only if the attempt includes reading the body.
//!
//! In both languages the call that sends a request returns when the headers have arrived, and the body
//! arrives later. A retry around that call alone has already returned when the connection breaks
//! during the body. So an attempt has to end with the last byte of the body.

#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, lab::Lab, stage::chapter::url};
use reqwest::Client;

use crate::{
    http_policy::{Timing, client, fetch, policy},
    report::{report_counts, report_outcome},
};

/// Every response breaks off. The first version makes one request. The second version reads the body
/// inside the attempt, and retries until it gives up.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (base, client) = (Lab::or_url(url()).await?, client());
    let page = base.url("/reset");

    let outcome = headers_only(&client, &page).try_lane("headers only").await;
    report_outcome("headers only", outcome);
    report_counts(&base);
    let outcome = fetch(&client, &page, Timing::default()).try_lane("whole body").await;
    report_outcome("whole body", outcome);
    report_counts(&base);
    Ok(())
}

// ANCHOR: reset
/// What not to do: the body is read outside the retry.
async fn headers_only(client: &Client, url: &str) -> anyhow::Result<String> {
    let send = async || Ok(client.get(url).send().await?);
    let response = policy(Timing::default()).run(send).await?;
    Ok(response.text().await?)
}
// ANCHOR_END: reset

#[cfg(test)]
mod tests {
    use async_kit::RetryError;

    use super::*;
    use crate::http_policy::FetchError;

    #[tokio::test]
    async fn a_broken_body_outside_the_attempt_is_not_retried() {
        let lab = Lab::start().await.expect("a free port");
        let error = headers_only(&client(), &lab.url("/reset")).await;
        let cause =
            error.expect_err("the response breaks off").downcast::<reqwest::Error>();
        assert!(cause.as_ref().is_ok_and(|cause| !cause.is_connect()), "{cause:?}");
        assert_eq!(lab.stats().requests, 1);
    }

    #[tokio::test]
    async fn a_broken_body_inside_the_attempt_is_retried() {
        let lab = Lab::start().await.expect("a free port");
        let error = fetch(&client(), &lab.url("/reset"), Timing::default())
            .await
            .expect_err("the response breaks off");
        assert!(matches!(error.last(), Some(FetchError::Transport(_))), "{error:?}");
        assert!(matches!(error, RetryError::Exhausted { attempts: 3, .. }), "{error:?}");
        assert_eq!(lab.stats().requests, 3);
    }
}
