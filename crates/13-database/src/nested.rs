//! Tasks that hold a connection and ask the pool for another can stop each other.
//!
//! Each holds one, and all wait for one more: nobody gives back what the others wait for. It
//! takes as many such tasks at once as the pool has connections, so it shows under load and in
//! no test. A limit on the wait ends it, late and with an error. The cure is the same in both
//! languages: whoever has a connection hands it to the functions it calls. In sqlx these take
//! `&mut AnyConnection`, which a transaction lends too, and not the pool.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{error::Elapsed, sleep, timeout},
};

/// Three reports over three connections: first each asks for a second one, then none does.
pub(crate) async fn run() -> anyhow::Result<()> {
    let connections = knob("connections", 3, 1..=6);
    let patience = knob("patience", 100.ms(), 1.ms()..=1.secs());
    let pool = || Pool { free: Arc::new(Semaphore::new(connections)), patience };
    three("asking", pool(), asking).await?;
    three("handing", pool(), handing).await
}

async fn three<F>(
    name: &str,
    pool: Pool,
    report: impl Fn(Pool) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<(), Elapsed>> + Send + 'static,
{
    let mut reports = Vec::new();
    for n in 0..3 {
        reports.push(tokio::spawn(report(pool.clone()).try_lane(format!("{name}-{n}"))));
        sleep(10.ms()).await;
    }
    for report in reports {
        // Who gave up has said so.
        let _ = report.await?;
    }
    Ok(())
}

// ANCHOR: nested
async fn asking(pool: Pool) -> Result<(), Elapsed> {
    let _reading = pool.acquire().await?;
    say!("reads");
    sleep(25.ms()).step("holding one").await;
    let _writing = pool.acquire().await?;
    say!("writes");
    sleep(25.ms()).step("holding two").await;
    Ok(())
}

async fn handing(pool: Pool) -> Result<(), Elapsed> {
    let connection = pool.acquire().await?;
    say!("reads");
    sleep(25.ms()).step("holding one").await;
    write(&connection).await;
    Ok(())
}

async fn write(_connection: &Connection) {
    say!("writes");
    sleep(25.ms()).step("holding one").await;
}
// ANCHOR_END: nested

type Connection = OwnedSemaphorePermit;

/// As many connections as it has permits.
#[derive(Clone)]
struct Pool {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Pool {
    async fn acquire(&self) -> Result<Connection, Elapsed> {
        let free = self.free.clone().acquire_owned();
        let acquired = timeout(self.patience, free).await;
        let acquired = acquired.inspect_err(|_| say!("no connection in time"))?;
        Ok(acquired.expect("nobody closes it"))
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen<F>(connections: usize, report: fn(Pool) -> F) -> Transcript
    where
        F: Future<Output = Result<(), Elapsed>> + Send + 'static,
    {
        let free = Arc::new(Semaphore::new(connections));
        let pool = Pool { free, patience: 100.ms() };
        virtual_time(Transcript::of(three("r", pool, report)))
    }

    /// ```text
    ///      0  25    125 150
    /// r-0  ███░░░░░░✗             it gives up, and r-1 goes on with what it gives back
    /// r-1   ███░░░░░███✓
    /// r-2    ███░░░░░░✗           5 ms too early
    /// ```
    #[test]
    fn as_many_as_there_are_connections_stop_each_other() {
        seen(3, asking).assert_lines([
            "[  0.000s] r-0 reads",
            "[  0.010s] r-1 reads",
            "[  0.020s] r-2 reads",
            "[  0.125s] r-0 no connection in time",
            "[  0.125s] r-1 writes",
            "[  0.145s] r-2 no connection in time",
        ]);
    }

    /// So nobody notices while there is little to do.
    #[test]
    fn with_one_connection_to_spare_nobody_waits_in_vain() {
        let seen = seen(4, asking);
        let written = seen.lines().iter().filter(|line| line.text == "writes").count();
        assert_eq!(written, 3, "{seen}");
    }

    #[test]
    fn whoever_hands_its_connection_on_needs_no_second() {
        for connections in [1, 2, 3, 6] {
            let seen = seen(connections, handing);
            let written =
                seen.lines().iter().filter(|line| line.text == "writes").count();
            assert_eq!(written, 3, "{connections} connections:\n{seen}");
        }
    }
}
