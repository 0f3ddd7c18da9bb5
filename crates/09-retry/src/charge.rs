//! Over HTTP too, a charge whose answer is lost is made once if every attempt has the same key.
//!
//! In both languages the client cannot know whether a request without an answer was carried out.
//! GET, PUT and DELETE may be repeated all the same. A POST may not, unless the server knows its
//! `Idempotency-Key`, as those of payment services do.

use std::collections::HashMap;

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, lab::Lab, say};
use reqwest::Client;
use serde::Deserialize;

use crate::fetch::client;

/// The server charges the customer, and loses its first answer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (lab, client) = (Lab::start().await?, client());
    pay(&client, &lab, None).try_lane("without a key").await?;
    say!("charges made: {}", charges(&client, &lab).await?.executed);

    let lab = Lab::start().await?;
    pay(&client, &lab, Some("purchase-17")).try_lane("with a key").await?;
    say!("charges made: {}", charges(&client, &lab).await?.executed);
    Ok(())
}

// ANCHOR: charge
async fn pay(
    client: &Client,
    lab: &Lab,
    key: Option<&str>,
) -> Result<(), RetryError<reqwest::Error>> {
    let mut request =
        client.post(lab.url("/charge?lose=1")).json(&HashMap::from([("amount", 1250)]));
    // Of the purchase, and so the same in every attempt.
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let attempt = async || {
        let request = request.try_clone().expect("its body is in memory");
        request.send().step("paying").await?.error_for_status()?;
        Ok(())
    };
    Retry::new(Backoff::fixed(100.ms()))
        .attempt_timeout(2.secs())
        .on_retry(|attempt, _, _| say!("attempt {attempt}: no answer"))
        .run(attempt)
        .await
}
// ANCHOR_END: charge

/// What the server says it has charged.
#[derive(Debug, Deserialize, PartialEq)]
struct Charges {
    asked: u64,
    executed: u64,
    amount: u64,
}

async fn charges(client: &Client, lab: &Lab) -> reqwest::Result<Charges> {
    client.get(lab.url("/charges")).send().await?.json().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn charged(key: Option<&str>) -> Charges {
        let lab = Lab::start().await.expect("a free port");
        pay(&client(), &lab, key).await.expect("the second answer arrives");
        charges(&client(), &lab).await.expect("the books")
    }

    #[tokio::test]
    async fn without_a_key_a_lost_answer_is_paid_for_twice() {
        let seen = charged(None).await;
        assert_eq!(seen, Charges { asked: 2, executed: 2, amount: 2500 });
    }

    #[tokio::test]
    async fn with_a_key_it_is_paid_for_once() {
        let seen = charged(Some("purchase-17")).await;
        assert_eq!(seen, Charges { asked: 2, executed: 1, amount: 1250 });
    }
}
