//! Over HTTP too, a charge whose answer is lost is made once if every attempt has the same key.
//!
//! In both languages the client cannot know whether a request without an answer was carried out.
//! GET, PUT and DELETE may be repeated all the same. A POST may not, unless the server knows its
//! `Idempotency-Key`, as those of payment services do.

use std::collections::HashMap;

use async_kit::{
    Lane, RetryError, knob,
    lab::{Base, Lab},
    say,
    stage::chapter::url,
};
use reqwest::Client;
use serde::Deserialize;

use crate::fetch::{FetchError, Patience, attempt, client, policy};

pub(crate) fn knobs() -> u32 {
    // Of three attempts: if the third answer is lost too, the customer has paid and cannot know.
    knob("lose", 1, 0..=3)
}

/// The server charges the customer, and loses its first answer.
pub(crate) async fn run(lose: u32) -> anyhow::Result<()> {
    let (base, client) = (Lab::or_url(url()).await?, client());
    // Drawn once for the purchase, since a server may outlive this run.
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
    // Of the purchase, and so the same in every attempt.
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let again = || request.try_clone().expect("its body is in memory");
    policy(Patience::default()).run(|| attempt(again()).step("paying")).await
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

    async fn bank() -> Base {
        Lab::or_url(None).await.expect("a free port")
    }

    async fn charged(key: Option<&str>, lose: u32) -> Charges {
        let bank = bank().await;
        pay(&client(), &bank, key, lose).await.expect("the last answer arrives");
        charges(&client(), &bank).await.expect("the books")
    }

    #[tokio::test]
    async fn without_a_key_each_lost_answer_is_paid_for_once_more() {
        for lose in 0..=2 {
            let times = u64::from(lose) + 1;
            let expected =
                Charges { asked: times, executed: times, amount: 1250 * times };
            assert_eq!(charged(None, lose).await, expected);
        }
    }

    #[tokio::test]
    async fn with_a_key_it_is_paid_for_once_however_many_answers_are_lost() {
        for lose in 0..=2 {
            let asked = u64::from(lose) + 1;
            let expected = Charges { asked, executed: 1, amount: 1250 };
            assert_eq!(charged(Some("purchase-17"), lose).await, expected);
        }
    }

    #[tokio::test]
    async fn who_gives_up_has_paid_all_the_same() {
        let bank = bank().await;
        let error = pay(&client(), &bank, Some("purchase-17"), 3).await;
        assert_eq!(error.expect_err("no answer").attempts(), 3);
        let seen = charges(&client(), &bank).await.expect("the books");
        assert_eq!(seen, Charges { asked: 3, executed: 1, amount: 1250 });
    }

    /// The bank knows the key, from a purchase at another price.
    #[tokio::test]
    async fn a_charge_that_is_refused_is_asked_for_once() {
        let bank = bank().await;
        let other = client().post(bank.url("/charge")).header("idempotency-key", "17");
        let other = other.json(&HashMap::from([("amount", 99)])).send().await;
        assert!(other.is_ok_and(|answer| answer.status().is_success()));
        let error = pay(&client(), &bank, Some("17"), 0).await.expect_err("refused");
        assert!(
            matches!(error, RetryError::NotRetryable { attempts: 1, .. }),
            "{error:?}"
        );
        let seen = charges(&client(), &bank).await.expect("the books");
        assert_eq!(seen, Charges { asked: 2, executed: 1, amount: 99 });
    }
}
