//! Tasks that hold a connection and acquire a second one from the same pool can deadlock.
//!
//! Each task holds one connection and waits for another task to return one. This needs as many
//! such tasks at the same time as the pool has connections, so it happens under load and not in a
//! test. A timeout on `acquire` ends the deadlock, late and with an error. The solution is the same
//! in both languages: a function that has a connection passes it to the functions it calls. In sqlx
//! these take `&mut AnyConnection`, which a transaction provides too, and not the pool.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{error::Elapsed, sleep, timeout},
};

/// A report uses a connection for this long, twice. Arbitrary, but much longer than a task is late on
/// a busy machine, so that in real time too all three reports hold a connection before the first
/// acquires its second.
const USE: Duration = Duration::from_millis(100);

/// Three reports share three connections. In the first run, each report acquires a second
/// connection. In the second run, none does.
pub(crate) async fn run() -> anyhow::Result<()> {
    let connections = knob("connections", 3, 1..=6);
    let patience = knob("patience", 400.ms(), 1.ms()..=1.secs());
    ask("connections=4", "which of the six lanes time out?");
    let pool = || Pool { free: Arc::new(Semaphore::new(connections)), patience };
    three_reports("acquiring", pool(), acquiring).await?;
    three_reports("passing", pool(), passing).await
}

async fn three_reports<F>(
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
        // Ignore the error: the report has printed it, and the section continues.
        let _ = report.await?;
    }
    Ok(())
}

// ANCHOR: nested
async fn acquiring(pool: Pool) -> Result<(), Elapsed> {
    let _reading = pool.acquire().await?;
    say!("reads");
    sleep(USE).step("holding one").await;
    let _writing = pool.acquire().await?;
    say!("writes");
    sleep(USE).step("holding two").await;
    Ok(())
}

async fn passing(pool: Pool) -> Result<(), Elapsed> {
    let connection = pool.acquire().await?;
    say!("reads");
    sleep(USE).step("holding one").await;
    write(&connection).await;
    Ok(())
}

async fn write(_connection: &Connection) {
    say!("writes");
    sleep(USE).step("holding one").await;
}
// ANCHOR_END: nested

type Connection = OwnedSemaphorePermit;

/// A pool whose connections are permits of a semaphore.
#[derive(Clone)]
struct Pool {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Pool {
    async fn acquire(&self) -> Result<Connection, Elapsed> {
        let free = self.free.clone().acquire_owned();
        let acquired = timeout(self.patience, free).await;
        let acquired =
            acquired.inspect_err(|_| say!("timed out without a connection"))?;
        Ok(acquired.expect("the semaphore is never closed"))
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
        let pool = Pool { free, patience: 400.ms() };
        virtual_time(Transcript::of(three_reports("r", pool, report)))
    }

    /// ```text
    ///      0   100             500 600
    /// r-0  ████░░░░░░░░░░░░░░░░✗             times out and returns its connection, which r-1 gets
    /// r-1   ████░░░░░░░░░░░░░░░████✓
    /// r-2    ████░░░░░░░░░░░░░░░░✗           times out 80 ms before r-1 returns a connection
    /// ```
    #[test]
    fn as_many_reports_as_connections_deadlock_until_a_timeout() {
        seen(3, acquiring).assert_lines([
            "[  0.000s] r-0 reads",
            "[  0.010s] r-1 reads",
            "[  0.020s] r-2 reads",
            "[  0.500s] r-0 timed out without a connection",
            "[  0.500s] r-1 writes",
            "[  0.520s] r-2 timed out without a connection",
        ]);
    }

    /// So a light load does not show the mistake.
    #[test]
    fn with_one_spare_connection_every_report_is_written() {
        let seen = seen(4, acquiring);
        let written = seen.lines().iter().filter(|line| line.text == "writes").count();
        assert_eq!(written, 3, "{seen}");
    }

    #[test]
    fn a_report_that_passes_its_connection_on_needs_no_second() {
        for connections in [1, 2, 3, 6] {
            let seen = seen(connections, passing);
            let written =
                seen.lines().iter().filter(|line| line.text == "writes").count();
            assert_eq!(written, 3, "{connections} connections:\n{seen}");
        }
    }
}
