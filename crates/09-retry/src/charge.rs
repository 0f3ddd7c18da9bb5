//! Over HTTP too, a charge whose answer is lost is made once if every attempt has the same key.
//!
//! In both languages the client cannot know whether a request without an answer was carried out.
//! GET, PUT and DELETE may be repeated all the same. A POST may not, unless the server knows its
//! `Idempotency-Key`, as those of payment services do.

use std::collections::HashMap;

use async_kit::{
    Backoff, Lane, Millis, Retry, RetryError,
    lab::{Base, Lab},
    say,
    stage::chapter::url,
};
use reqwest::Client;
use serde::Deserialize;

use crate::fetch::client;

/// The server charges the customer, and loses its first answer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (base, client) = (Lab::or_url(url()).await?, client());
    // Drawn once for the purchase, since a server may outlive this run.
    let purchase = format!("{:016x}", fastrand::u64(..));
    for (name, key) in [("without a key", None), ("with a key", Some(&*purchase))] {
        let before = charges(&client, &base).await?.executed;
        pay(&client, &base, key).try_lane(name).await?;
        let after = charges(&client, &base).await?.executed;
        say!("{name}: charges made: {}", after - before);
    }
    Ok(())
}

// ANCHOR: charge
async fn pay(
    client: &Client,
    bank: &Base,
    key: Option<&str>,
) -> Result<(), RetryError<reqwest::Error>> {
    let mut request =
        client.post(bank.url("/charge?lose=1")).json(&HashMap::from([("amount", 1250)]));
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

async fn charges(client: &Client, bank: &Base) -> reqwest::Result<Charges> {
    client.get(bank.url("/charges")).send().await?.json().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn charged(key: Option<&str>) -> Charges {
        let bank = Lab::or_url(None).await.expect("a free port");
        pay(&client(), &bank, key).await.expect("the second answer arrives");
        charges(&client(), &bank).await.expect("the books")
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
