//! A pool opens a connection only if no open connection is free and its size is not reached.
//!
//! asyncio has no pool; each database library brings its own. Tokio has none either. The kit's
//! [`Pool`] is small enough to read, and `deadpool` and `sqlx` work in the same way. A [`Manager`]
//! defines how to connect and to close. `acquire` waits for a connection and returns a guard.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
};

use async_kit::{Lane, Manager, Millis, Pool, ask, knob, say};
use tokio::time::sleep;

/// Ten workers share three connections. Each worker gets the connection that was returned last.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 3, 1..=10_usize);
    let workers = knob("workers", 10, 1..=20_usize);
    ask("workers=2", "how many connections does the pool open?");
    share(size, workers).await
}

// ANCHOR: pool
async fn share(size: usize, workers: usize) -> anyhow::Result<()> {
    let pool = Pool::builder(Server::default()).max_size(size).build();
    let start = |n| tokio::spawn(work(pool.clone()).try_lane(format!("worker-{n}")));
    for worker in (0..workers).map(start).collect::<Vec<_>>() {
        worker.await??;
    }
    pool.close().await;
    say!("every connection is closed");
    Ok(())
}

async fn work(pool: Pool<Server>) -> anyhow::Result<()> {
    let connection = pool.acquire().await?;
    say!("uses connection {}", *connection);
    sleep(50.ms()).step("using a connection").await;
    Ok(())
}

#[derive(Default)]
struct Server {
    connected: AtomicU32,
}

impl Manager for Server {
    type Connection = u32;
    type Error = Infallible;

    async fn connect(&self) -> Result<u32, Infallible> {
        let id = self.connected.fetch_add(1, Ordering::Relaxed);
        sleep(10.ms()).await;
        say!("opens connection {id}");
        Ok(id)
    }

    async fn close(&self, connection: u32) {
        sleep(5.ms()).await;
        say!("connection {connection} is closed");
    }
}
// ANCHOR_END: pool

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(size: usize, workers: usize) -> Transcript {
        virtual_time(Transcript::of(share(size, workers)))
    }

    fn count(seen: &Transcript, part: &str) -> usize {
        seen.lines().iter().filter(|line| line.text.contains(part)).count()
    }

    /// ```text
    /// 0  10      60      110     160     210 215
    /// ░░░███████████████████████████████████✓      ten workers in four rounds,
    ///                                              then three connections close concurrently
    /// ```
    #[test]
    fn ten_workers_share_three_connections() {
        let seen = seen(3, 10);
        assert_eq!(count(&seen, "opens connection"), 3, "{seen}");
        assert_eq!(count(&seen, "uses connection"), 10, "{seen}");
        seen.assert_at(160.ms(), "worker-9 uses connection 2");
        assert_eq!(seen.elapsed(), 215.ms(), "{seen}");
    }

    #[test]
    fn every_connection_has_its_own_id_and_is_closed() {
        for (size, workers) in [(1, 4), (3, 2), (3, 10), (10, 20)] {
            let seen = seen(size, workers);
            for id in 0..size.min(workers) {
                assert_eq!(count(&seen, &format!("opens connection {id}")), 1, "{seen}");
                let closed = format!("connection {id} is closed");
                assert_eq!(count(&seen, &closed), 1, "{seen}");
            }
            let last = &seen.lines().last().unwrap().text;
            assert_eq!(last, "every connection is closed", "{seen}");
        }
    }
}
