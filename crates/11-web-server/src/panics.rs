//! If a handler panics, its client gets a `500`, and no other request is disturbed.
//!
//! aiohttp turns an exception into a `500`. In hyper a panic ends the task of the connection: the
//! client sees the connection close without a response, and cannot know why. Here a layer catches
//! the panic and responds with `500`, and the connection stays open.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, Millis, say};
use axum::{Router, routing::get};
use reqwest::Client;
use tokio::time::sleep;

use crate::{
    app::{
        limits::{Limits, limited},
        serve::ConnectionLimits,
    },
    local_server::LocalServer,
};

/// Ann's first request panics while Bob's is in flight; her second request succeeds.
pub(crate) async fn run() -> anyhow::Result<()> {
    let server = LocalServer::start(app(), ConnectionLimits::default()).await?;
    let bob =
        tokio::spawn(client(server.url("/work"), server.url("/work")).try_lane("bob"));
    sleep(20.ms()).await;
    say!("Ann's handler will panic, and stderr will show the panic");
    client(server.url("/broken"), server.url("/work")).try_lane("ann").await?;
    bob.await?
}

// ANCHOR: panics
fn app() -> Router {
    let broken = async || -> &'static str { panic!("a bug") };
    let work = async || {
        sleep(50.ms()).await;
        "done"
    };
    let routes = Router::new().route("/broken", get(broken)).route("/work", get(work));
    limited(routes, Limits { slots: 2, ..Limits::default() })
}
// ANCHOR_END: panics

async fn client(first: String, second: String) -> anyhow::Result<()> {
    let client = Client::builder().no_proxy().build()?;
    for url in [first, second] {
        let status = client.get(url).send().step("in flight").await?.status();
        say!("{status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;
    use axum::http::StatusCode;

    use super::*;
    use crate::{
        local_server::send_raw,
        router_client::{get, send},
    };

    #[test]
    fn a_panic_releases_its_slot() {
        virtual_time(async {
            let app = app();
            for _ in 0..5 {
                let broken = send(app.clone(), get("/broken")).await;
                assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR, "{broken}");
                assert!(!broken.body.contains("a bug"), "{broken}");
            }
            assert_eq!(send(app, get("/work")).await.status, StatusCode::OK);
        });
    }

    #[tokio::test]
    async fn the_connection_stays_open_after_a_panic() {
        let server = LocalServer::start(app(), ConnectionLimits::default())
            .await
            .expect("a server");
        let both = "GET /broken HTTP/1.1\r\nhost: here\r\n\r\n\
                    GET /work HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let responses = send_raw(server.address, both).await.expect("responses");
        assert!(responses.starts_with("HTTP/1.1 500"), "{responses}");
        assert!(responses.contains("HTTP/1.1 200"), "{responses}");
    }
}
