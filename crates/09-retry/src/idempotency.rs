//! A charge whose answer was lost is made twice, unless all its attempts carry one key.
//!
//! In both languages an attempt that failed may have done its work: only the answer is missing.
//! What can be repeated without harm is idempotent. The rest needs a key, by which the other side
//! knows a second attempt at the same purchase. The key belongs to the purchase: made inside the
//! retried closure it is new each time, and protects nothing.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, knob, say};
use tokio::time::sleep;

/// Three customers buy one thing each, and the first answer to each of them is lost.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lost = knob("lost", 1, 0..=4);
    let customers = [
        ("no key", Keys::None),
        ("a key each", Keys::PerAttempt),
        ("one key", Keys::PerPurchase),
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

/// How often one purchase was charged.
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
        .on_retry(|_, _, error| say!("{error}, so again"));
    let purchase = Key::new();
    match keys {
        Keys::None => retry.run(|| bank.charge(None)).await,
        Keys::PerAttempt => retry.run(|| bank.charge(Some(Key::new()))).await,
        Keys::PerPurchase => retry.run(|| bank.charge(Some(purchase))).await,
    }
}
// ANCHOR_END: idempotency

/// As good as unique: nobody else draws the same 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key(u64);

impl Key {
    fn new() -> Self {
        Self(fastrand::u64(..))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct Lost;

/// A bank that does what it is asked, and loses its first answers.
struct Bank {
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    to_lose: usize,
    known: HashSet<Key>,
    charged: usize,
}

impl Books {
    /// The key is noted with the charge and not before the wait: a call that is cancelled in
    /// between would leave a purchase that counts as paid for and never was.
    fn charge(&mut self, key: Option<Key>) {
        // Two calls with one key may both have come as far as this.
        if key.is_none_or(|key| self.known.insert(key)) {
            self.charged += 1;
        }
    }
}

impl Bank {
    fn losing(answers: usize) -> Self {
        Self { books: Mutex::new(Books { to_lose: answers, ..Books::default() }) }
    }

    async fn charge(&self, key: Option<Key>) -> Result<(), Lost> {
        if key.is_none_or(|key| !self.books().known.contains(&key)) {
            sleep(20.ms()).step("charging").await;
            self.books().charge(key);
        }
        let mut books = self.books();
        match books.to_lose.checked_sub(1) {
            Some(left) => books.to_lose = left,
            None => return Ok(()),
        }
        Err(Lost)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn charged(&self) -> usize {
        self.books().charged
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    /// ```text
    /// 0   20             120 140
    /// no key      ████░░░░░░░░░░░████✓     solid: the bank charges
    /// a key each  ████░░░░░░░░░░░████✓
    /// one key     ████░░░░░░░░░░░✓
    /// ```
    #[test]
    fn one_lost_answer_is_paid_for_twice_without_a_key_that_stays() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.020s] no key no answer, so again",
                "[  0.020s] a key each no answer, so again",
                "[  0.020s] one key no answer, so again",
                "[  0.120s] one key charges made: 1",
                "[  0.140s] no key charges made: 2",
                "[  0.140s] a key each charges made: 2",
            ]);
        });
    }

    #[test]
    fn with_one_key_a_purchase_is_paid_for_once_however_many_answers_are_lost() {
        virtual_time(async {
            for lost in 0..=4 {
                for (keys, expected) in [
                    (Keys::None, lost + 1),
                    (Keys::PerAttempt, lost + 1),
                    (Keys::PerPurchase, 1),
                ] {
                    let paid = customer(keys, lost).await.expect("an answer in the end");
                    assert_eq!(paid, expected, "{lost} answers lost");
                }
            }
        });
    }

    #[test]
    fn who_gives_up_may_have_paid_all_the_same() {
        virtual_time(async {
            let bank = Bank::losing(5);
            let error = buy(Keys::PerPurchase, &bank).await.expect_err("no answer");
            assert_eq!((error.attempts(), bank.charged()), (5, 1));
        });
    }

    #[test]
    fn an_attempt_cut_off_before_the_charge_leaves_it_to_the_next_one() {
        virtual_time(async {
            let (bank, purchase) = (Bank::losing(0), Some(Key::new()));
            let cut = timeout(10.ms(), bank.charge(purchase)).await;
            assert_eq!((cut.is_err(), bank.charged()), (true, 0));
            bank.charge(purchase).await.expect("no answer is lost");
            assert_eq!(bank.charged(), 1);
        });
    }

    #[test]
    fn two_attempts_at_once_with_one_key_are_one_charge() {
        virtual_time(async {
            let (bank, purchase) = (Bank::losing(0), Some(Key::new()));
            let both = tokio::join!(bank.charge(purchase), bank.charge(purchase));
            assert!(both.0.is_ok() && both.1.is_ok());
            assert_eq!(bank.charged(), 1);
        });
    }
}
