//! Over HTTP too, a charge whose response is lost is made once if all attempts have one key.
//!
//! In both languages the client cannot know if the server executed a request without a response.
//! GET, PUT and DELETE are idempotent, so they may be repeated. A POST may be repeated only if the
//! server supports the header `Idempotency-Key`, as the servers of payment services do.

#![cfg(not(target_family = "wasm"))]

use std::collections::HashMap;

use async_kit::{
    Lane, RetryError, ask, knob,
    lab::{Base, Lab},
    say,
    stage::chapter::url,
};
use reqwest::Client;
use serde::Deserialize;

use crate::http_policy::{FetchError, Timing, attempt, client, policy};

pub(crate) fn knobs() -> u32 {
    // There are three attempts. If all three responses are lost, the retry gives up, although the
    // customer was charged.
    let lose = knob("lose", 1, 0..=3);
    ask("lose=3", "how many charges are made without a key, and how many with a key?");
    lose
}

/// The server charges the customer, and loses its first response.
pub(crate) async fn run(lose: u32) -> anyhow::Result<()> {
    let (base, client) = (Lab::or_url(url()).await?, client());
    // The key is random, because a server that outlives this run remembers the earlier keys.
    let purchase = format!("{:016x}", fastrand::u64(..));
    for (name, key) in [("without a key", None), ("with a key", Some(&*purchase))] {
        let before = charges(&client, &base).await?.executed;
        if let Err(error) = pay(&client, &base, key, lose).try_lane(name).await {
            say!("{name}: {:#}", anyhow::Error::from(error));
        }
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
    lose: u32,
) -> Result<String, RetryError<FetchError>> {
    let url = bank.url(&format!("/charge?lose={lose}"));
    let mut request = client.post(url).json(&HashMap::from([("amount", 1250)]));
    // The key belongs to the purchase, so it is the same in every attempt.
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let copy = || request.try_clone().expect("a body in memory can be cloned");
    policy(Timing::default()).run(|| attempt(copy()).step("paying")).await
}
// ANCHOR_END: charge

/// What the server has counted. The names are those of its JSON.
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

    async fn bank() -> Base {
        Lab::or_url(None).await.expect("a free port")
    }

    async fn charged(key: Option<&str>, lose: u32) -> Charges {
        let bank = bank().await;
        pay(&client(), &bank, key, lose).await.expect("the last response arrives");
        charges(&client(), &bank).await.expect("the counts")
    }

    #[tokio::test]
    async fn without_a_key_each_lost_response_adds_a_charge() {
        for lose in 0..=2 {
            let times = u64::from(lose) + 1;
            let expected =
                Charges { asked: times, executed: times, amount: 1250 * times };
            assert_eq!(charged(None, lose).await, expected);
        }
    }

    #[tokio::test]
    async fn with_a_key_one_charge_is_made_however_many_responses_are_lost() {
        for lose in 0..=2 {
            let asked = u64::from(lose) + 1;
            let expected = Charges { asked, executed: 1, amount: 1250 };
            assert_eq!(charged(Some("purchase-17"), lose).await, expected);
        }
    }

    #[tokio::test]
    async fn a_customer_whose_retry_gives_up_was_charged() {
        let bank = bank().await;
        let error = pay(&client(), &bank, Some("purchase-17"), 3).await;
        assert_eq!(error.expect_err("no response").attempts(), 3);
        let seen = charges(&client(), &bank).await.expect("the counts");
        assert_eq!(seen, Charges { asked: 3, executed: 1, amount: 1250 });
    }

    /// The bank knows the key from a purchase with a different price.
    #[tokio::test]
    async fn a_refused_charge_is_requested_once() {
        let bank = bank().await;
        let other = client().post(bank.url("/charge")).header("idempotency-key", "17");
        let other = other.json(&HashMap::from([("amount", 99)])).send().await;
        assert!(other.is_ok_and(|response| response.status().is_success()));
        let error = pay(&client(), &bank, Some("17"), 0).await.expect_err("refused");
        assert!(
            matches!(error, RetryError::NotRetryable { attempts: 1, .. }),
            "{error:?}"
        );
        let seen = charges(&client(), &bank).await.expect("the counts");
        assert_eq!(seen, Charges { asked: 2, executed: 1, amount: 99 });
    }
}
