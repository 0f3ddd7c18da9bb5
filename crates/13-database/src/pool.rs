//! A pool opens no more connections than its limit, and `acquire` fails after a timeout.
//!
//! asyncpg: `create_pool(max_size=10)`; `acquire` waits without a limit unless its caller passes
//! `timeout=`. sqlx: `max_connections` (10), and one `acquire_timeout` (30 s) for every caller. In
//! Rust there is no pool object before it is created, so no code can use a pool too early. `close`
//! waits until every connection is returned, and `acquire` on a closed pool is an error.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions};
use tokio::time::sleep;

use crate::database;

/// Four clients arrive one after the other at a pool of two; the last one times out.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(limits(2, 150.ms()), async |database| {
        say!("on {}", database.kind());
        let mut clients = Vec::new();
        for (name, takes) in [("ada", 150), ("bob", 400), ("cid", 150), ("dan", 150)] {
            let client = work(database.pool.clone(), takes.ms());
            clients.push(tokio::spawn(client.try_lane(name)));
            sleep(30.ms()).await;
        }
        for client in clients {
            // Ignore the error: the client has printed it, and the section continues.
            let _ = client.await?;
        }
        database.pool.close().await;
        let late = database.pool.acquire().await.map(drop);
        say!("after close: {}", late.expect_err("closed"));
        Ok(())
    })
    .await
}

// ANCHOR: pool
fn limits(connections: u32, wait: Duration) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(wait)
}

async fn work(pool: AnyPool, takes: Duration) -> sqlx::Result<()> {
    let connection = pool.acquire().await.inspect_err(|error| say!("{error}"))?;
    sleep(takes).step("holding a connection").await;
    say!("returns its connection");
    drop(connection);
    Ok(())
}
// ANCHOR_END: pool

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use sqlx::Error;
    use tokio::{
        sync::Barrier,
        time::{self, Instant},
    };

    use super::*;
    use crate::{both_databases::on_both, cancellation::cancel_at_await};

    /// A limit far longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_pool_opens_connections_up_to_its_limit_and_no_more() {
        on_both(limits(3, TEST_LIMIT), async |database| {
            let all_acquired = Barrier::new(3);
            let acquire = || async {
                let connection = database.pool.acquire().await?;
                all_acquired.wait().await;
                Ok::<_, Error>(connection)
            };
            let in_use = tokio::try_join!(acquire(), acquire(), acquire())?;
            let mut fourth = pin!(database.pool.acquire());
            assert!(
                cancel_at_await(fourth.as_mut(), 0).await.is_none(),
                "a fourth was checked out"
            );
            assert_eq!(database.pool.size(), 3, "a fourth is being opened");
            drop(in_use);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn acquire_fails_after_its_timeout_and_the_pool_loses_no_connection() {
        on_both(limits(1, TEST_LIMIT), async |database| {
            let in_use = database.pool.acquire().await?;
            let began = Instant::now();
            // When every task waits, a paused clock advances straight to the timeout.
            time::pause();
            let waited = database.pool.acquire().await;
            time::resume();
            assert!(matches!(waited, Err(Error::PoolTimedOut)), "{waited:?}");
            assert_eq!(began.elapsed().as_secs(), TEST_LIMIT.as_secs());
            drop(in_use);
            assert_eq!(database.pool.size(), 1);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_cancelled_acquire_takes_no_connection() {
        on_both(limits(1, TEST_LIMIT), async |database| {
            let in_use = database.pool.acquire().await?;
            assert!(
                cancel_at_await(database.pool.acquire(), 0).await.is_none(),
                "it is in use"
            );
            let next = tokio::spawn(work(database.pool.clone(), Duration::ZERO));
            drop(in_use);
            next.await??;
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn close_waits_for_connections_in_use_and_refuses_new_callers() {
        on_both(limits(2, TEST_LIMIT), async |database| {
            let in_use = database.pool.acquire().await?;
            let pool = database.pool.clone();
            let closing = tokio::spawn(async move { pool.close().await });
            while !database.pool.is_closed() {
                tokio::task::yield_now().await;
            }
            assert!(!closing.is_finished(), "one connection is still in use");
            let late = database.pool.acquire().await;
            assert!(matches!(late, Err(Error::PoolClosed)), "{late:?}");
            drop(in_use);
            time::timeout(TEST_LIMIT, closing).await??;
            assert_eq!(database.pool.size(), 0);
            Ok(())
        })
        .await;
    }
}
