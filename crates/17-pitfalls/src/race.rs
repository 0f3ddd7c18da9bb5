//! A check before an await may be outdated after it, although the program is memory safe.
//!
//! asyncio and Tokio behave the same: other tasks run during the await, even on one thread. Rust
//! prevents data races, but not this race. A lock held across the await is correct but slow: one
//! buyer pays at a time. It is better to claim the seat in one step without an await, and to pay
//! afterwards.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, sleep},
};

/// Four buyers want two seats; a payment takes 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let seats = knob("seats", 2, 0..=100_usize);
    let buyers = knob("buyers", 4, 1..=100_usize);
    ask("buyers=6", "how many tickets does each version sell?");
    for version in [Version::Check, Version::Lock, Version::Claim] {
        let start = Instant::now();
        let sold = sell(seats, buyers, version).await?;
        let took = start.elapsed().as_millis();
        say!("{}: {sold} tickets for {seats} seats, in {took} ms", version.name().1);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Version {
    Check,
    Lock,
    Claim,
}

impl Version {
    /// The prefix of the lanes, and the description in the output.
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Check => ("wrong", "check, then pay"),
            Self::Lock => ("slow", "check and pay under a lock"),
            Self::Claim => ("right", "claim, then pay"),
        }
    }
}

async fn sell(seats: usize, buyers: usize, version: Version) -> anyhow::Result<usize> {
    let show = Arc::new(Show { seats: Semaphore::new(seats), sale: Mutex::default() });
    let lane = |n| format!("{}-{n}", version.name().0);
    let start = |n| tokio::spawn(buy(Arc::clone(&show), version).lane(lane(n)));
    let mut sold = 0;
    for buyer in (1..=buyers).map(start).collect::<Vec<_>>() {
        sold += usize::from(buyer.await?);
    }
    Ok(sold)
}

async fn buy(show: Arc<Show>, version: Version) -> bool {
    match version {
        Version::Check => show.check_then_pay().await,
        Version::Lock => show.check_and_pay_under_a_lock().await,
        Version::Claim => show.claim_then_pay().await,
    }
}

// ANCHOR: race
struct Show {
    seats: Semaphore,
    sale: Mutex<()>,
}

impl Show {
    async fn check_then_pay(&self) -> bool {
        if self.seats.available_permits() == 0 {
            return false;
        }
        pay().await;
        self.seats.forget_permits(1);
        true
    }

    async fn check_and_pay_under_a_lock(&self) -> bool {
        let _held = self.sale.lock().await;
        self.check_then_pay().await
    }

    async fn claim_then_pay(&self) -> bool {
        let Ok(seat) = self.seats.try_acquire() else { return false };
        // A buyer that is cancelled here drops the permit, which releases the seat.
        pay().await;
        seat.forget();
        true
    }
}
// ANCHOR_END: race

async fn pay() {
    sleep(50.ms()).step("paying").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn only_the_check_before_the_await_sells_too_many_seats() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.050s] check, then pay: 4 tickets for 2 seats, in 50 ms",
            "[  0.150s] check and pay under a lock: 2 tickets for 2 seats, in 100 ms",
            "[  0.200s] claim, then pay: 2 tickets for 2 seats, in 50 ms",
        ]);
    }

    fn sold(seats: usize, buyers: usize, version: Version) -> (usize, u128) {
        virtual_time(async move {
            let start = Instant::now();
            let sold = sell(seats, buyers, version).await.unwrap();
            (sold, start.elapsed().as_millis())
        })
    }

    #[test]
    fn buyers_pay_one_by_one_under_a_lock_and_concurrently_after_a_claim() {
        assert_eq!(sold(100, 100, Version::Lock), (100, 5000));
        assert_eq!(sold(100, 100, Version::Claim), (100, 50));
        assert_eq!(sold(1, 100, Version::Check), (100, 50));
    }

    #[test]
    fn a_cancelled_buyer_releases_its_seat() {
        virtual_time(async {
            let show =
                Arc::new(Show { seats: Semaphore::new(1), sale: Mutex::default() });
            let first = tokio::spawn(buy(Arc::clone(&show), Version::Claim));
            sleep(20.ms()).await;
            assert!(!show.claim_then_pay().await, "the claimed seat was sold again");
            first.abort();
            assert!(first.await.is_err_and(|error| error.is_cancelled()));
            assert!(show.claim_then_pay().await, "the seat was not released");
            assert!(!show.claim_then_pay().await, "the sold seat was sold again");
        });
    }
}
