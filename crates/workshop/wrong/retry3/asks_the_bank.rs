//! The order counts as paid if the bank has any charge, also one of another order.
//! message: Two orders need two keys

use std::{future::pending, mem::replace, sync::Mutex};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};

struct Order {
    number: u64,
    cents: u32,
}

async fn pay(bank: &Bank, order: &Order) -> Result<(), &'static str> {
    for _ in 1..=3 {
        if bank.charges() > 0 {
            return Ok(());
        }
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
