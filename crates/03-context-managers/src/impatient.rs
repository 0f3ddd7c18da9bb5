//! An `acquire` never waits forever: it fails at its timeout, or when the pool is closed.
//!
//! asyncio: `asyncio.timeout` around the acquire, a flag `closed`, and a loop that checks the flag
//! after each wake-up. The kit's [`Pool`]: `acquire_timeout`, and `close`. After `close`, all current
//! and later `acquire` calls fail. Connections in use stay open until they are returned, and `close`
//! waits for that.

use std::{convert::Infallible, time::Duration};

use async_kit::{Lane, Manager, Millis, Pool, ask, knob, pool::AcquireError, say};
use tokio::time::sleep;

/// Two clients use both connections. Three other clients fail to get one, for different reasons.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("patience", 50.ms(), 1.ms()..=500.ms());
    ask("patience=500ms", "does the early client get a connection now?");
    five_clients(limit).await
}

// ANCHOR: impatient
async fn five_clients(limit: Duration) -> anyhow::Result<()> {
    let pool = Pool::builder(Server).max_size(2).acquire_timeout(limit).build();
    let start =
        |name, using: u64| tokio::spawn(client(pool.clone(), using.ms()).try_lane(name));
    let mut clients = vec![start("holder-0", 105), start("holder-1", 135)];
    sleep(10.ms()).await;
    clients.push(start("early client", 10));
    sleep(60.ms()).await;
    clients.push(start("waiting client", 10));
    sleep(15.ms()).await;
    let closer = tokio::spawn(close(pool.clone()).lane("closer"));
    sleep(10.ms()).await;
    clients.push(start("late client", 10));
    for client in clients {
        // A client without a connection has printed its error.
        let _ = client.await?;
    }
    Ok(closer.await?)
}

async fn client(
    pool: Pool<Server>,
    using: Duration,
) -> Result<(), AcquireError<Infallible>> {
    let print = |error: &_| say!("gets an error: {error}");
    let _connection = pool.acquire().await.inspect_err(print)?;
    say!("has a connection");
    sleep(using).step("using a connection").await;
    Ok(())
}

async fn close(pool: Pool<Server>) {
    say!("closes the pool");
    pool.close().await;
    say!("has closed the pool");
}
// ANCHOR_END: impatient

struct Server;

impl Manager for Server {
    type Connection = ();
    type Error = Infallible;

    async fn connect(&self) -> Result<(), Infallible> {
        Ok(())
    }

    async fn close(&self, _connection: ()) {
        sleep(5.ms()).await;
        say!("a connection is closed");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(limit: u64) -> Transcript {
        virtual_time(Transcript::of(five_clients(limit.ms())))
    }

    /// ```text
    ///                 0   10     60 70 85 95 105   135 140
    /// holder-0        █████████████████████████✓
    /// holder-1        ██████████████████████████████████✓
    /// early client        ░░░░░░░✗                        timeout after 50 ms
    /// waiting client                ░░░✗                  the pool closes while it waits
    /// late client                         ✗               fails immediately
    /// closer                           ░░░░░░░░░░░░░░░░░░✓
    /// ```
    #[test]
    fn an_acquire_fails_at_its_timeout() {
        let seen = seen(50);
        let early = "early client gets an error: no connection became available in time";
        seen.assert_at(60.ms(), early);
    }

    #[test]
    fn closing_fails_current_and_later_acquires() {
        for limit in [20, 50, 500] {
            let seen = seen(limit);
            seen.assert_at(85.ms(), "waiting client gets an error: the pool is closed");
            seen.assert_at(95.ms(), "late client gets an error: the pool is closed");
        }
    }

    #[test]
    fn closing_waits_for_every_connection_in_use() {
        let seen = seen(50);
        seen.assert_at(110.ms(), "a connection is closed");
        seen.assert_at(140.ms(), "a connection is closed");
        seen.assert_at(140.ms(), "closer has closed the pool");
    }
}
