//! A pool lends no more connections than its limit, and turns away who waits too long.
//!
//! asyncpg: `create_pool(max_size=10)`, and a wait for a connection that ends only if each caller
//! writes `timeout=`. sqlx: `max_connections` (10), and `acquire_timeout` (30 s) for all. A pool
//! that is not connected has no type here, so nobody can ask it; a closed one answers with an
//! error, and `close` waits until every connection is back.

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions};
use tokio::time::sleep;

use crate::database;

/// Two connections for four clients, who come one after the other; the last waits in vain.
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
            // Who was turned away has said so.
            let _ = client.await?;
        }
        database.pool.close().await;
        let late = database.pool.acquire().await.map(drop);
        say!("after the close: {}", late.expect_err("closed"));
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
    say!("gives it back");
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
    use crate::{cut::cut, on_both::on_both};

    /// Far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_pool_lends_as_many_connections_as_it_may_and_no_more() {
        on_both(limits(3, PLENTY), async |database| {
            let met = Barrier::new(3);
            let meet = || async {
                let connection = database.pool.acquire().await?;
                met.wait().await;
                Ok::<_, Error>(connection)
            };
            let lent = tokio::try_join!(meet(), meet(), meet())?;
            let mut fourth = pin!(database.pool.acquire());
            assert!(cut(fourth.as_mut(), 0).await.is_none(), "a fourth was lent");
            assert_eq!(database.pool.size(), 3, "a fourth is being opened");
            drop(lent);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn who_waits_too_long_is_turned_away_and_the_pool_loses_nothing() {
        on_both(limits(1, PLENTY), async |database| {
            let lent = database.pool.acquire().await?;
            let began = Instant::now();
            // With nothing left to do, a paused clock goes straight to the limit.
            time::pause();
            let waited = database.pool.acquire().await;
            time::resume();
            assert!(matches!(waited, Err(Error::PoolTimedOut)), "{waited:?}");
            assert_eq!(began.elapsed().as_secs(), PLENTY.as_secs());
            drop(lent);
            assert_eq!(database.pool.size(), 1);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_no_connection_with_them() {
        on_both(limits(1, PLENTY), async |database| {
            let lent = database.pool.acquire().await?;
            assert!(cut(database.pool.acquire(), 0).await.is_none(), "it is lent");
            let next = tokio::spawn(work(database.pool.clone(), Duration::ZERO));
            drop(lent);
            next.await??;
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_closed_pool_waits_for_what_is_lent_and_lends_nothing_more() {
        on_both(limits(2, PLENTY), async |database| {
            let lent = database.pool.acquire().await?;
            let pool = database.pool.clone();
            let closing = tokio::spawn(async move { pool.close().await });
            while !database.pool.is_closed() {
                tokio::task::yield_now().await;
            }
            assert!(!closing.is_finished(), "one connection is still lent");
            let late = database.pool.acquire().await;
            assert!(matches!(late, Err(Error::PoolClosed)), "{late:?}");
            drop(lent);
            time::timeout(PLENTY, closing).await??;
            assert_eq!(database.pool.size(), 0);
            Ok(())
        })
        .await;
    }
}
