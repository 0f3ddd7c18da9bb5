//! If the response to a charge is lost, a retry charges again, unless all attempts carry one key.
//!
//! In both languages an attempt that failed may have done its work: only the response is missing. An
//! operation is idempotent if repeating it does no harm. Any other operation needs a key, by which the
//! server recognises a second attempt at the same purchase. Make the key once per purchase: if the
//! retried closure makes it, each attempt has a new key, and the key protects nothing.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, ask, knob, say};
use tokio::time::sleep;

/// Three customers buy one item each, and the first response to each of them is lost.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lost = knob("lost", 1, 0..=4);
    ask("lost=4", "how many times is each customer charged?");
    let customers = [
        ("without a key", Keys::None),
        ("key per attempt", Keys::PerAttempt),
        ("key per purchase", Keys::PerPurchase),
    ];
    let start = |(name, keys)| tokio::spawn(customer(keys, lost).lane(name));
    for customer in customers.map(start) {
        customer.await??;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Keys {
    None,
    PerAttempt,
    PerPurchase,
}

/// Returns how many times one purchase was charged.
async fn customer(keys: Keys, lost: usize) -> Result<usize, RetryError<Lost>> {
    let bank = Bank::losing(lost);
    buy(keys, &bank).await?;
    let charged = bank.charged();
    say!("charges made: {charged}");
    Ok(charged)
}

// ANCHOR: idempotency
async fn buy(keys: Keys, bank: &Bank) -> Result<(), RetryError<Lost>> {
    let retry = Retry::new(Backoff::fixed(100.ms()))
        .attempts(5)
        .on_retry(|_, _, error| say!("{error}: retrying"));
    let purchase = Key::new();
    match keys {
        Keys::None => retry.run(|| bank.charge(None)).await,
        Keys::PerAttempt => retry.run(|| bank.charge(Some(Key::new()))).await,
        Keys::PerPurchase => retry.run(|| bank.charge(Some(purchase))).await,
    }
}
// ANCHOR_END: idempotency

/// Practically unique, because it is a random number of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key(u64);

impl Key {
    fn new() -> Self {
        Self(fastrand::u64(..))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no response")]
struct Lost;

/// A bank that makes every charge, but loses its first responses.
struct Bank {
    ledger: Mutex<Ledger>,
}

#[derive(Default)]
struct Ledger {
    responses_to_lose: usize,
    known_keys: HashSet<Key>,
    charged: usize,
}

impl Ledger {
    /// Records the key together with the charge, and not before the wait: otherwise a call that is
    /// cancelled during the wait would leave a key without a charge, and the purchase would count
    /// as paid.
    fn charge(&mut self, key: Option<Key>) {
        // The key is checked again, because two concurrent calls with one key can both get here.
        if key.is_none_or(|key| self.known_keys.insert(key)) {
            self.charged += 1;
        }
    }
}

impl Bank {
    fn losing(responses: usize) -> Self {
        let ledger = Ledger { responses_to_lose: responses, ..Ledger::default() };
        Self { ledger: Mutex::new(ledger) }
    }

    async fn charge(&self, key: Option<Key>) -> Result<(), Lost> {
        if key.is_none_or(|key| !self.ledger().known_keys.contains(&key)) {
            sleep(20.ms()).step("charging").await;
            self.ledger().charge(key);
        }
        let mut ledger = self.ledger();
        match ledger.responses_to_lose.checked_sub(1) {
            Some(left) => ledger.responses_to_lose = left,
            None => return Ok(()),
        }
        Err(Lost)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn charged(&self) -> usize {
        self.ledger().charged
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    /// ```text
    /// 0                20         120 140
    /// without a key     ████░░░░░░░░░░░████✓     █ the bank charges
    /// key per attempt   ████░░░░░░░░░░░████✓
    /// key per purchase  ████░░░░░░░░░░░✓
    /// ```
    #[test]
    fn only_a_key_per_purchase_prevents_a_second_charge() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.020s] without a key no response: retrying",
                "[  0.020s] key per attempt no response: retrying",
                "[  0.020s] key per purchase no response: retrying",
                "[  0.120s] key per purchase charges made: 1",
                "[  0.140s] without a key charges made: 2",
                "[  0.140s] key per attempt charges made: 2",
            ]);
        });
    }

    #[test]
    fn lost_responses_cause_no_second_charge_with_a_key_per_purchase() {
        virtual_time(async {
            for lost in 0..=4 {
                for (keys, expected) in [
                    (Keys::None, lost + 1),
                    (Keys::PerAttempt, lost + 1),
                    (Keys::PerPurchase, 1),
                ] {
                    let charged = customer(keys, lost).await.expect("a response at last");
                    assert_eq!(charged, expected, "{lost} responses lost");
                }
            }
        });
    }

    #[test]
    fn a_customer_whose_retry_gives_up_may_have_been_charged() {
        virtual_time(async {
            let bank = Bank::losing(5);
            let error = buy(Keys::PerPurchase, &bank).await.expect_err("no response");
            assert_eq!((error.attempts(), bank.charged()), (5, 1));
        });
    }

    #[test]
    fn the_attempt_after_a_cancelled_one_makes_the_charge() {
        virtual_time(async {
            let (bank, purchase) = (Bank::losing(0), Some(Key::new()));
            let cancelled = timeout(10.ms(), bank.charge(purchase)).await;
            assert_eq!((cancelled.is_err(), bank.charged()), (true, 0));
            bank.charge(purchase).await.expect("no response is lost");
            assert_eq!(bank.charged(), 1);
        });
    }

    #[test]
    fn two_concurrent_attempts_with_one_key_make_one_charge() {
        virtual_time(async {
            let (bank, purchase) = (Bank::losing(0), Some(Key::new()));
            let both = tokio::join!(bank.charge(purchase), bank.charge(purchase));
            assert!(both.0.is_ok() && both.1.is_ok());
            assert_eq!(bank.charged(), 1);
        });
    }
}
