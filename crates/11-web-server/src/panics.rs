//! A handler that panics costs its client a `500`, and nobody else anything.
//!
//! aiohttp turns an exception into a `500`, and one task serves on. hyper lets a panic end the
//! task of the connection: the client sees it close without an answer, and has to guess. A layer
//! catches the panic, so that the client is told, and its connection lives on.

use async_kit::{Lane, Millis, say};
use axum::{Router, routing::get};
use reqwest::Client;
use tokio::time::sleep;

use crate::{
    app::{
        limits::{Limits, limited},
        serve::Door,
    },
    live::Live,
};

/// Bob's request is in flight while Ann's panics; then she asks for something better.
pub(crate) async fn run() -> anyhow::Result<()> {
    let server = Live::start(app(), Door::default()).await?;
    let bob =
        tokio::spawn(client(server.url("/work"), server.url("/work")).try_lane("bob"));
    sleep(20.ms()).await;
    say!("Ann's handler will panic, which is reported on stderr");
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
        let status = client.get(url).send().step("asking").await?.status();
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
        ask::{ask, get},
        live::raw,
    };

    #[test]
    fn a_panic_gives_its_slot_back() {
        virtual_time(async {
            let app = app();
            for _ in 0..5 {
                let broken = ask(app.clone(), get("/broken")).await;
                assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR, "{broken}");
                assert!(!broken.body.contains("a bug"), "{broken}");
            }
            assert_eq!(ask(app, get("/work")).await.status, StatusCode::OK);
        });
    }

    #[tokio::test]
    async fn the_connection_of_a_panic_lives_on() {
        let server = Live::start(app(), Door::default()).await.expect("a server");
        let both = "GET /broken HTTP/1.1\r\nhost: here\r\n\r\n\
                    GET /work HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let answers = raw(server.address, both).await.expect("answers");
        assert!(answers.starts_with("HTTP/1.1 500"), "{answers}");
        assert!(answers.contains("HTTP/1.1 200"), "{answers}");
    }
}
