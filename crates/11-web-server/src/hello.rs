//! Fifty concurrent requests take no longer than one, because their handlers wait concurrently.
//!
//! aiohttp: `web.run_app(app, port=8080)` listens on every interface of the machine. axum: you
//! bind the listener yourself, so the code names `127.0.0.1`; with port 0 the system chooses a free
//! port. A handler is an `async fn`, and `axum::serve` spawns a task per connection.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use axum::{Json, Router, extract::Path, routing::get};
use futures::future::try_join_all;
use reqwest::{Client, Method};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::app::user::{User, UserId};

/// A minimal server, and its responses to valid and to invalid requests.
pub(crate) async fn run() -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let server =
        tokio::spawn(serve(listener, router(20.ms()), stop.clone()).try_lane("server"));
    let client = Client::builder().no_proxy().build()?;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::HEAD, "/"),
        (Method::POST, "/"),
        (Method::GET, "/users/42"),
        (Method::GET, "/users/abc"),
        (Method::GET, "/nope"),
    ] {
        let response =
            client.request(method.clone(), format!("{address}{path}")).send().await?;
        let status = response.status().as_u16();
        say!("{method} {path} {status} {}", response.text().await?);
    }
    let start = Instant::now();
    fifty(&client, &address).lane("fifty users").await?;
    say!("fifty users after {} ms; one user takes 20 ms", start.elapsed().as_millis());
    stop.cancel();
    server.await??;
    Ok(())
}

// ANCHOR: hello
fn router(query: Duration) -> Router {
    let user = async move |Path(id): Path<UserId>| {
        sleep(query).await;
        Json(User::example(id.get()))
    };
    Router::new().route("/", get(hello)).route("/users/{id}", get(user))
}

async fn hello() -> &'static str {
    sleep(10.ms()).await;
    "Hello, async world!"
}

async fn serve(
    listener: TcpListener,
    app: Router,
    stop: CancellationToken,
) -> std::io::Result<()> {
    axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await
}
// ANCHOR_END: hello

async fn fifty(client: &Client, address: &str) -> anyhow::Result<()> {
    let users = (1..=50).map(async |id| {
        let response = client.get(format!("{address}/users/{id}")).send().await?;
        response.error_for_status()?.bytes().await
    });
    try_join_all(users).step("waiting for fifty responses").await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;
    use axum::http::{StatusCode, header::ALLOW};
    use futures::future::join_all;

    use super::*;
    use crate::router_client::{get, head, post, send};

    #[test]
    fn fifty_requests_take_no_longer_than_one() {
        virtual_time(async {
            let (app, start) = (router(20.ms()), Instant::now());
            let responses =
                (1..=50).map(|id| send(app.clone(), get(&format!("/users/{id}"))));
            let responses = join_all(responses).await;
            assert!(responses.iter().all(|response| response.status == StatusCode::OK));
            assert_eq!(start.elapsed(), 20.ms());
        });
    }

    #[test]
    fn an_invalid_request_gets_the_status_that_a_client_expects() {
        virtual_time(async {
            let head = send(router(20.ms()), head("/")).await;
            assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
            let post = send(router(20.ms()), post("/", "")).await;
            assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(post.header(ALLOW), Some("GET,HEAD"));
            let nope = send(router(20.ms()), get("/nope")).await;
            assert_eq!(nope.status, StatusCode::NOT_FOUND);
            let abc = send(router(20.ms()), get("/users/abc")).await;
            assert_eq!(abc.status, StatusCode::BAD_REQUEST, "{abc}");
        });
    }
}
