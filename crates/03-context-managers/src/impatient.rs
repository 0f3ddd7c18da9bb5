//! Nobody waits for a pool for ever: an acquire has a limit, and closing turns all waiters away.
//!
//! asyncio: `asyncio.timeout` around the acquire, a flag `closed`, and a loop that asks it after
//! each wake-up. The kit's [`Pool`]: `acquire_timeout`; `close` turns away those who wait and those
//! who come later, lets those who hold a connection finish, and waits for them.

use std::{convert::Infallible, time::Duration};

use async_kit::{Lane, Manager, Millis, Pool, knob, pool::AcquireError, say};
use tokio::time::sleep;

/// Two connections are held for long: three others ask in vain, each for a reason of its own.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 50.ms(), 1.ms()..=500.ms());
    crowd(patience).await
}

// ANCHOR: impatient
async fn crowd(patience: Duration) -> anyhow::Result<()> {
    let pool = Pool::builder(Lines).max_size(2).acquire_timeout(patience).build();
    let comes =
        |name, stays: u64| tokio::spawn(call(pool.clone(), stays.ms()).try_lane(name));
    let mut customers = vec![comes("holder-0", 105), comes("holder-1", 135)];
    sleep(10.ms()).await;
    customers.push(comes("early", 10));
    sleep(60.ms()).await;
    customers.push(comes("waiter", 10));
    sleep(15.ms()).await;
    let closer = tokio::spawn(close(pool.clone()).lane("closer"));
    sleep(10.ms()).await;
    customers.push(comes("late", 10));
    for customer in customers {
        // Whoever went away has said why.
        let _ = customer.await?;
    }
    Ok(closer.await?)
}

async fn call(
    pool: Pool<Lines>,
    stays: Duration,
) -> Result<(), AcquireError<Infallible>> {
    let gives_up = |error: &_| say!("goes away: {error}");
    let _line = pool.acquire().await.inspect_err(gives_up)?;
    say!("has a line");
    sleep(stays).step("using a line").await;
    Ok(())
}

async fn close(pool: Pool<Lines>) {
    say!("closes the pool");
    pool.close().await;
    say!("every line is closed");
}
// ANCHOR_END: impatient

struct Lines;

impl Manager for Lines {
    type Connection = ();
    type Error = Infallible;

    async fn connect(&self) -> Result<(), Infallible> {
        Ok(())
    }

    async fn close(&self, _line: ()) {
        sleep(5.ms()).await;
        say!("a line is closed");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(patience: u64) -> Transcript {
        virtual_time(Transcript::of(crowd(patience.ms())))
    }

    /// ```text
    ///           0   10     60 70 85 95 105   135 140
    /// holder-0  █████████████████████████✓
    /// holder-1  ██████████████████████████████████✓
    /// early         ░░░░░░░✗                        after 50 ms of waiting
    /// waiter                  ░░░✗                  told by the closing
    /// late                          ✗               told at once
    /// closer                     ░░░░░░░░░░░░░░░░░░✓
    /// ```
    #[test]
    fn an_acquire_gives_up_at_its_limit() {
        let seen = seen(50);
        let early = "early goes away: no connection became available in time";
        seen.assert_at(60.ms(), early);
    }

    #[test]
    fn closing_turns_away_who_waits_and_who_comes_later() {
        for patience in [20, 50, 500] {
            let seen = seen(patience);
            seen.assert_at(85.ms(), "waiter goes away: the pool is closed");
            seen.assert_at(95.ms(), "late goes away: the pool is closed");
        }
    }

    #[test]
    fn closing_waits_for_every_connection_that_is_lent() {
        let seen = seen(50);
        seen.assert_at(110.ms(), "a line is closed");
        seen.assert_at(140.ms(), "a line is closed");
        seen.assert_at(140.ms(), "closer every line is closed");
    }
}
