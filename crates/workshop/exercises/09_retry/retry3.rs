//! retry3 · 15 minutes · charge an order once, however often it is paid
//!
//! A customer pays two orders. If the bank does not respond within 100 ms, `pay` immediately makes
//! another attempt. Run the program: there are three charges, because one response was lost after the
//! charge. The bank charges each key once, and answers a repetition without another charge. Mend `pay`:
//! an order is charged once, also if the customer closes the page in the middle, and pays it later.
//!
//! Section: `cargo run -p retry -- idempotency`. Code: crates/09-retry/src/idempotency.rs.
//! Page: docs/src/09-retry.md.

use std::{future::pending, mem::replace, sync::Mutex};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};

struct Order {
    number: u64,
    cents: u32,
}

// TODO: charge the order once.
async fn pay(bank: &Bank, order: &Order) -> Result<(), &'static str> {
    for _ in 1..=3 {
        let key = new_key();
        if timeout(100.ms(), bank.charge(key, order.cents)).await.is_ok() {
            return Ok(());
        }
        say!("no response for order {}", order.number);
    }
    Err("no response")
}

/// Returns a key that was never used.
fn new_key() -> u64 {
    static LAST: Mutex<u64> = Mutex::new(0);
    let mut last = LAST.lock().unwrap();
    *last += 1;
    *last
}

/// Do not change it: a bank that charges each key once, and whose first response is lost.
#[derive(Default)]
struct Bank {
    charged: Mutex<Vec<u64>>,
    has_lost: Mutex<bool>,
}

impl Bank {
    async fn charge(&self, key: u64, cents: u32) {
        sleep(30.ms()).step("charging").lane("bank").await;
        if !self.charged.lock().unwrap().contains(&key) {
            self.charged.lock().unwrap().push(key);
            say!("the bank charges {cents} cents");
        }
        if !replace(&mut *self.has_lost.lock().unwrap(), true) {
            pending::<()>().await;
        }
    }

    fn charges(&self) -> usize {
        self.charged.lock().unwrap().len()
    }
}

/// Pays these orders, and returns how many charges there are.
async fn run(orders: &'static [Order]) -> Result<usize, &'static str> {
    let bank = Bank::default();
    for order in orders {
        pay(&bank, order).await?;
    }
    Ok(bank.charges())
}

const ORDERS: &[Order] =
    &[Order { number: 7001, cents: 500 }, Order { number: 7002, cents: 500 }];

fn main() {
    exercise::show(run(ORDERS));
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::{Bank, ORDERS, Order, pay, run};

    const PAID_TWICE: &[Order] =
        &[Order { number: 7001, cents: 500 }, Order { number: 7001, cents: 500 }];

    #[track_caller]
    fn every_payment_succeeds(run: &exercise::Observed<Result<usize, &str>>) {
        run.require(
            run.output().is_ok(),
            "`pay` returned an error, and the bank has charged",
            "the second attempt gets a response",
            "Another attempt is right: it must only carry the same key.",
        );
    }

    #[test]
    fn check_2_an_order_is_charged_once_however_often_it_is_paid() {
        let run = exercise::observe(run(&ORDERS[..1]));
        every_payment_succeeds(&run);
        run.returns(
            Ok(1),
            "For the bank, a new key is a new purchase. All attempts for one order need the same key.",
        );
        run.takes(
            130.ms(),
            "After 100 ms without a response, the second attempt follows.",
        );
        exercise::cancelled_everywhere(
            async || Bank::default(),
            async |bank| pay(bank, &ORDERS[0]).await,
            async |bank| match (pay(bank, &ORDERS[0]).await, bank.charges()) {
                (Ok(()), 1) => Ok(()),
                (_, charges) => {
                    Err(format!("paid again later, it is charged {charges} times"))
                }
            },
            "A key that `pay` makes is new in each call. Which value stays the same if the customer \
             pays the same order again?",
        );
        exercise::observe(self::run(PAID_TWICE)).returns(
            Ok(1),
            "The order is paid, and then it is paid again. A key that is forgotten when the order is \
             paid does not protect it any longer.",
        );
    }

    #[test]
    fn check_1_another_order_with_the_same_price_is_charged_too() {
        let run = exercise::observe(run(ORDERS));
        every_payment_succeeds(&run);
        run.require(
            run.output().is_ok_and(|charges| charges >= 2),
            "the second order is not charged",
            "each of the two orders is charged",
            "Two orders need two keys, even if they have the same price; otherwise the second one \
             counts as a repetition of the first.",
        );
    }
}
