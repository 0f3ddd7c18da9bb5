//! A full server answers `503` immediately, and each request has a timeout, so no slot is
//! occupied forever.
//!
//! If a full server lets all clients wait, every response is late. asyncio: a `Semaphore`, a check
//! of its `locked()`, and `asyncio.timeout` around the handler. axum: three Tower layers do the
//! same for any service.

use std::{future::pending, time::Duration};

use async_kit::{Lane, Millis, ask, knob};
use axum::{Router, routing::get as on_get};
use tokio::time::sleep;

use crate::{
    app::limits::{Limits, limited},
    router_client::{get, send},
};

/// Ann's request never ends. Some clients find a free slot, others find none.
pub(crate) async fn run() -> anyhow::Result<()> {
    let slots = knob("slots", 2, 1..=5);
    let limit = knob("limit", 250.ms(), 1.ms()..=1.secs());
    ask("slots=1", "which client is the first to get a 200, and when?");
    let app = app(slots, limit);
    let clients = [
        ("ann", "/stuck", 0.ms()),
        ("bob", "/work", 10.ms()),
        ("cid", "/work", 50.ms()),
        ("dan", "/work", 160.ms()),
        ("eve", "/work", 200.ms()),
        ("fay", "/work", 300.ms()),
    ];
    let clients = clients.map(|(name, path, arrives)| {
        let app = app.clone();
        let client = async move {
            sleep(arrives).await;
            let request = async { send(app, get(path)).await.report() };
            request.try_lane(name).await
        };
        tokio::spawn(client)
    });
    for client in clients {
        // Ignore the error: the task has printed its 503, and the section continues.
        let _ = client.await?;
    }
    Ok(())
}

// ANCHOR: slots
fn app(slots: usize, limit: Duration) -> Router {
    let routes =
        Router::new().route("/work", on_get(work)).route("/stuck", on_get(stuck));
    limited(routes, Limits { slots, handler: limit, ..Limits::default() })
}

async fn work() -> &'static str {
    sleep(100.ms()).step("in a slot").await;
    "done"
}

async fn stuck() {
    pending().step("in a slot").await
}
// ANCHOR_END: slots

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use axum::http::StatusCode;
    use tokio::time::{Instant, timeout};

    use super::*;

    /// ```text
    /// 0    50   100  150  200  250  300  350  400
    /// ann  █████████████████████████✗ timeout
    /// bob   ██████████✓
    /// cid       ✗ full
    /// dan                  ██████████✓
    /// eve                     ✗ full
    /// fay                                ██████████✓
    /// ```
    #[test]
    fn a_full_server_refuses_immediately_and_no_slot_is_lost() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let full = "503 the server is overloaded, retry after 1 s";
            seen.assert_at(50.ms(), &format!("cid {full}"));
            seen.assert_at(110.ms(), "bob 200 done");
            seen.assert_at(200.ms(), &format!("eve {full}"));
            seen.assert_at(250.ms(), "ann 503 the request timed out, retry after 1 s");
            seen.assert_at(260.ms(), "dan 200 done");
            seen.assert_at(400.ms(), "fay 200 done");
            assert_eq!(seen.peak("in a slot"), 2, "{seen}");
        });
    }

    #[test]
    fn all_routes_share_the_slots() {
        virtual_time(async {
            let app = app(1, 1.secs());
            let stuck = tokio::spawn(send(app.clone(), get("/stuck")));
            sleep(1.ms()).await;
            let work = send(app, get("/work")).await;
            assert_eq!(work.status, StatusCode::SERVICE_UNAVAILABLE, "{work}");
            stuck.abort();
        });
    }

    #[test]
    fn a_client_that_disconnects_releases_its_slot() {
        virtual_time(async {
            let app = app(1, 10.secs());
            let gone = timeout(10.ms(), send(app.clone(), get("/stuck"))).await;
            assert!(gone.is_err(), "the request had not ended: {gone:?}");
            let (start, next) = (Instant::now(), send(app, get("/work")).await);
            assert_eq!((next.status, start.elapsed()), (StatusCode::OK, 100.ms()));
        });
    }
}
