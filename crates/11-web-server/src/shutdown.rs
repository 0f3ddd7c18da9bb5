//! A stopped server finishes the requests in flight, refuses new ones, and waits at most its grace
//! period.
//!
//! aiohttp: `web.run_app` waits `shutdown_timeout`, by default 60 s, then cancels the handlers.
//! axum: `with_graceful_shutdown` waits for the slowest client without a timeout; the server of
//! this chapter gives each connection a grace period. Any future can stop the server: here a token,
//! in the real process a signal.
#![cfg(not(target_family = "wasm"))]

use std::net::SocketAddr;

use anyhow::bail;
use async_kit::{Lane, Millis, say};
use axum::{Router, routing::get};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    app::serve::ConnectionLimits,
    local_server::{LocalServer, send_raw},
};

/// When the server stops, Ann's request is in flight, Bob's takes 60 s, and Cid has sent nothing.
/// Dan connects after the stop.
pub(crate) async fn run() -> anyhow::Result<()> {
    let server = LocalServer::start(
        app(),
        ConnectionLimits { grace: 400.ms(), ..ConnectionLimits::default() },
    )
    .await?;
    let start = |name, request| client(server.address, name, request);
    let mut clients = vec![
        start("ann", "GET /slow HTTP/1.1\r\nhost: here\r\n\r\n"),
        start("bob", "GET /endless HTTP/1.1\r\nhost: here\r\n\r\n"),
        start("cid", ""),
    ];
    sleep(100.ms()).await;
    say!("the server stops");
    server.stop();
    sleep(50.ms()).await;
    clients.push(start("dan", "GET /slow HTTP/1.1\r\nhost: here\r\n\r\n"));
    say!("the server has stopped; aborted connections: {}", server.stopped().await?);
    for client in clients {
        // Ignore the error: the task has printed it, and the section continues.
        let _ = client.await?;
    }
    Ok(())
}

fn app() -> Router {
    let slow = async || {
        sleep(250.ms()).await;
        "done"
    };
    let endless = async || sleep(60.secs()).await;
    Router::new().route("/slow", get(slow)).route("/endless", get(endless))
}

fn client(
    server: SocketAddr,
    name: &str,
    request: &'static str,
) -> JoinHandle<anyhow::Result<()>> {
    let exchange = async move {
        match send_raw(server, request).step("connected").await {
            Ok(response) if response.is_empty() => {
                bail!("the server closed the connection")
            }
            Ok(response) => say!("{}", response.lines().next().unwrap_or_default()),
            Err(error) => bail!("{}", error.kind()),
        }
        Ok(())
    };
    let exchange = async { exchange.await.inspect_err(|error| say!("{error}")) };
    tokio::spawn(exchange.try_lane(name))
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, sync::Arc};

    use tokio::{net::TcpStream, sync::Notify, time::timeout};

    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// Limits so long that none of them expires in a test.
    const LONG_LIMITS: ConnectionLimits = ConnectionLimits {
        connections: 100,
        per_client: 100,
        headers: std::time::Duration::from_secs(60),
        lifetime: std::time::Duration::from_secs(60),
        grace: std::time::Duration::from_secs(60),
    };

    /// A handler that notifies the test when it starts, and ends when the test releases it.
    #[derive(Clone, Default)]
    struct Held {
        entered: Arc<Notify>,
        release: Arc<Notify>,
    }

    impl Held {
        fn app(&self) -> Router {
            let held = self.clone();
            let handler = async move || {
                held.entered.notify_one();
                held.release.notified().await;
                "done"
            };
            Router::new().route("/", get(handler))
        }
    }

    async fn aborted(server: LocalServer) -> usize {
        let aborted = timeout(10.secs(), server.stopped()).await;
        aborted.expect("the server ends in time").expect("it does not panic")
    }

    async fn until_refused(server: SocketAddr) {
        let is_refused =
            |error: std::io::Error| error.kind() == ErrorKind::ConnectionRefused;
        let refused = async {
            // When the server stops, it closes connections without a request.
            while !send_raw(server, "").await.is_err_and(is_refused) {}
        };
        timeout(10.secs(), refused).await.expect("new connections are refused");
    }

    #[tokio::test]
    async fn a_request_in_flight_ends_and_a_new_one_is_refused() {
        let held = Held::default();
        let server = LocalServer::start(held.app(), LONG_LIMITS).await.expect("a server");
        let address = server.address;
        let ann = tokio::spawn(send_raw(address, GET));
        held.entered.notified().await;
        server.stop();
        until_refused(address).await;
        held.release.notify_one();
        let response = ann.await.expect("no panic").expect("a response");
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
        assert!(response.ends_with("done"), "{response}");
        assert_eq!(aborted(server).await, 0);
    }

    #[tokio::test]
    async fn an_idle_client_does_not_delay_the_stop() {
        let held = Held::default();
        let server = LocalServer::start(held.app(), LONG_LIMITS).await.expect("a server");
        let idle = TcpStream::connect(server.address).await.expect("a connection");
        // Connections are accepted in order: when Ann's handler runs, the idle one is accepted too.
        let _ann = tokio::spawn(send_raw(server.address, GET));
        held.entered.notified().await;
        held.release.notify_one();
        server.stop();
        assert_eq!(aborted(server).await, 0, "the server waited for {idle:?}");
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_aborted_after_the_grace_period() {
        let held = Held::default();
        let limits = ConnectionLimits { grace: 1.ms(), ..LONG_LIMITS };
        let server = LocalServer::start(held.app(), limits).await.expect("a server");
        let ann = tokio::spawn(send_raw(server.address, GET));
        held.entered.notified().await;
        server.stop();
        assert_eq!(aborted(server).await, 1);
        let response = ann.await.expect("no panic");
        assert!(response.as_ref().map_or(true, String::is_empty), "{response:?}");
    }
}
