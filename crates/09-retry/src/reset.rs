//! An answer that breaks off in the middle is a failed attempt, so its reading belongs inside.
//!
//! In both languages a request is answered when its headers are here, and the body comes later:
//! a retry around the request alone has long returned when the body breaks off. An attempt has to
//! end with the last byte.

use async_kit::{Lane, lab::Lab, stage::chapter::url};
use reqwest::Client;

use crate::fetch::{Patience, client, fetch, policy, tell, tell_counts};

/// Every answer breaks off. One way never tries again, the other does until it gives up.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (base, client) = (Lab::or_url(url()).await?, client());
    let page = base.url("/reset");

    let outcome = headers_only(&client, &page).try_lane("headers only").await;
    tell("headers only", outcome);
    tell_counts(&base);
    let outcome = fetch(&client, &page, Patience::default()).try_lane("last byte").await;
    tell("last byte", outcome);
    tell_counts(&base);
    Ok(())
}

// ANCHOR: reset
/// What not to do: the body is read when nobody tries again any more.
async fn headers_only(client: &Client, url: &str) -> anyhow::Result<String> {
    let send = async || Ok(client.get(url).send().await?);
    let answer = policy(Patience::default()).run(send).await?;
    Ok(answer.text().await?)
}
// ANCHOR_END: reset

#[cfg(test)]
mod tests {
    use async_kit::RetryError;

    use super::*;
    use crate::fetch::FetchError;

    #[tokio::test]
    async fn a_broken_body_outside_the_attempt_is_not_tried_again() {
        let lab = Lab::start().await.expect("a free port");
        let error = headers_only(&client(), &lab.url("/reset")).await;
        let cause = error.expect_err("it breaks off").downcast::<reqwest::Error>();
        assert!(cause.as_ref().is_ok_and(|cause| !cause.is_connect()), "{cause:?}");
        assert_eq!(lab.stats().requests, 1);
    }

    #[tokio::test]
    async fn a_broken_body_inside_the_attempt_is_tried_again() {
        let lab = Lab::start().await.expect("a free port");
        let error = fetch(&client(), &lab.url("/reset"), Patience::default())
            .await
            .expect_err("it breaks off");
        assert!(matches!(error.last(), Some(FetchError::Transport(_))), "{error:?}");
        assert!(matches!(error, RetryError::Exhausted { attempts: 3, .. }), "{error:?}");
        assert_eq!(lab.stats().requests, 3);
    }
}
