//! A check before an await may be outdated after it, although the program is memory safe.
//!
//! asyncio and Tokio behave the same: other tasks run during the await, even on one thread. Rust
//! prevents data races, but not this race: too many seats are sold, and a counter that is read before
//! the await and written after it loses updates. A lock held across the await is correct but slow: one
//! buyer pays at a time. It is better to claim the seat in one step without an await, and to pay
//! afterwards.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, sleep},
};

/// Four buyers want two seats; a payment takes 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let seats = knob("seats", 2, 0..=100_usize);
    let buyers = knob("buyers", 4, 1..=100_usize);
    ask("buyers=6", "how many tickets does each version sell and count?");
    for version in [Version::Check, Version::Lock, Version::Claim] {
        let start = Instant::now();
        let (sold, counted) = sell(seats, buyers, version).await?;
        let took = start.elapsed().as_millis();
        let name = version.name().1;
        say!("{name}: {sold} tickets for {seats} seats, {counted} counted, in {took} ms");
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

/// Returns how many tickets were sold, and how many the counter shows.
async fn sell(
    seats: usize,
    buyers: usize,
    version: Version,
) -> anyhow::Result<(usize, usize)> {
    let show = Arc::new(Show::new(seats));
    let lane = |n| format!("{}-{n}", version.name().0);
    let start = |n| tokio::spawn(buy(Arc::clone(&show), version).lane(lane(n)));
    let mut sold = 0;
    for buyer in (1..=buyers).map(start).collect::<Vec<_>>() {
        sold += usize::from(buyer.await?);
    }
    Ok((sold, show.counter.load(Relaxed)))
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
    // Each operation on it is atomic. The race is between two operations.
    counter: AtomicUsize,
    sale: Mutex<()>,
}

impl Show {
    async fn check_then_pay(&self) -> bool {
        let counted = self.counter.load(Relaxed);
        if self.seats.available_permits() == 0 {
            return false;
        }
        pay().await;
        self.seats.forget_permits(1);
        self.counter.store(counted + 1, Relaxed);
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
        self.counter.fetch_add(1, Relaxed);
        true
    }
}
// ANCHOR_END: race

impl Show {
    fn new(seats: usize) -> Self {
        let counter = AtomicUsize::new(0);
        Self { seats: Semaphore::new(seats), counter, sale: Mutex::default() }
    }
}

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
            "[  0.050s] check, then pay: 4 tickets for 2 seats, 1 counted, in 50 ms",
            "[  0.150s] check and pay under a lock: 2 tickets for 2 seats, 2 counted, in 100 ms",
            "[  0.200s] claim, then pay: 2 tickets for 2 seats, 2 counted, in 50 ms",
        ]);
    }

    /// How many tickets were sold and counted, and in how many milliseconds.
    fn sold(seats: usize, buyers: usize, version: Version) -> (usize, usize, u128) {
        virtual_time(async move {
            let start = Instant::now();
            let (sold, counted) = sell(seats, buyers, version).await.unwrap();
            (sold, counted, start.elapsed().as_millis())
        })
    }

    #[test]
    fn buyers_pay_one_by_one_under_a_lock_and_concurrently_after_a_claim() {
        assert_eq!(sold(100, 100, Version::Lock), (100, 100, 5000));
        assert_eq!(sold(100, 100, Version::Claim), (100, 100, 50));
        assert_eq!(sold(1, 100, Version::Check), (100, 1, 50));
    }

    #[test]
    fn a_counter_loses_updates_only_if_it_is_read_before_the_await() {
        for buyers in [1, 2, 100] {
            assert_eq!(sold(100, buyers, Version::Check).1, 1, "{buyers} buyers");
            for version in [Version::Lock, Version::Claim] {
                assert_eq!(sold(100, buyers, version).1, buyers, "{buyers} buyers");
            }
        }
    }

    #[test]
    fn a_cancelled_buyer_releases_its_seat() {
        virtual_time(async {
            let show = Arc::new(Show::new(1));
            let first = tokio::spawn(buy(Arc::clone(&show), Version::Claim));
            sleep(20.ms()).await;
            assert!(!show.claim_then_pay().await, "the claimed seat was sold again");
            first.abort();
            assert!(first.await.is_err_and(|error| error.is_cancelled()));
            assert!(show.claim_then_pay().await, "the seat was not released");
            assert!(!show.claim_then_pay().await, "the sold seat was sold again");
            assert_eq!(show.counter.load(Relaxed), 1, "the cancelled buyer was counted");
        });
    }
}
