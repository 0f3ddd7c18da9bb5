//! A stopped server ends what is in flight, refuses what is new, and waits no longer than its
//! grace.
//!
//! aiohttp: `web.run_app` waits `shutdown_timeout`, 60 s unless told otherwise, then cancels.
//! axum: `with_graceful_shutdown` waits for the slowest client, for ever; the server of this
//! chapter gives each connection a grace. What stops it is any future: here an event, in the
//! real process a signal.

use std::net::SocketAddr;

use anyhow::bail;
use async_kit::{Lane, Millis, say};
use axum::{Router, routing::get};
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    app::serve::Door,
    live::{Live, raw},
};

/// When the server is stopped, Ann's request is in flight, Bob's would be for ever, and Cid has
/// not said anything. Dan comes after that.
pub(crate) async fn run() -> anyhow::Result<()> {
    let server = Live::start(app(), Door { grace: 400.ms(), ..Door::default() }).await?;
    let start = |name, request| client(server.address, name, request);
    let mut clients = vec![
        start("ann", "GET /slow HTTP/1.1\r\nhost: here\r\n\r\n"),
        start("bob", "GET /endless HTTP/1.1\r\nhost: here\r\n\r\n"),
        start("cid", ""),
    ];
    sleep(100.ms()).await;
    say!("stop");
    server.stop();
    sleep(50.ms()).await;
    clients.push(start("dan", "GET /slow HTTP/1.1\r\nhost: here\r\n\r\n"));
    say!("stopped, and {} connection cut off", server.ended().await?);
    for client in clients {
        // Who was refused has said so, which is what this section shows.
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
    let talk = async move {
        match raw(server, request).step("connected").await {
            Ok(answer) if answer.is_empty() => bail!("hung up"),
            Ok(answer) => say!("{}", answer.lines().next().unwrap_or_default()),
            Err(error) => bail!("{}", error.kind()),
        }
        Ok(())
    };
    let talk = async { talk.await.inspect_err(|error| say!("{error}")) };
    tokio::spawn(talk.try_lane(name))
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, sync::Arc};

    use tokio::{net::TcpStream, sync::Notify, time::timeout};

    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// Far beyond what any machine needs.
    const PATIENT: Door = Door {
        connections: 100,
        headers: std::time::Duration::from_secs(60),
        lifetime: std::time::Duration::from_secs(60),
        grace: std::time::Duration::from_secs(60),
    };

    /// A handler that says when it is entered, and stays until it is released.
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

    async fn ended(server: Live) -> usize {
        let ended = timeout(10.secs(), server.ended()).await;
        ended.expect("it ends in time").expect("it does not panic")
    }

    async fn until_refused(server: SocketAddr) {
        let is_refused =
            |error: std::io::Error| error.kind() == ErrorKind::ConnectionRefused;
        let refused = async {
            // A client that says nothing is hung up on when the server stops.
            while !raw(server, "").await.is_err_and(is_refused) {}
        };
        timeout(10.secs(), refused).await.expect("new connections are refused");
    }

    #[tokio::test]
    async fn what_is_in_flight_ends_and_what_is_new_is_refused() {
        let held = Held::default();
        let server = Live::start(held.app(), PATIENT).await.expect("a server");
        let address = server.address;
        let ann = tokio::spawn(raw(address, GET));
        held.entered.notified().await;
        server.stop();
        until_refused(address).await;
        held.release.notify_one();
        let answer = ann.await.expect("no panic").expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.ends_with("done"), "{answer}");
        assert_eq!(ended(server).await, 0);
    }

    #[tokio::test]
    async fn a_client_that_says_nothing_does_not_hold_up_the_stop() {
        let held = Held::default();
        let server = Live::start(held.app(), PATIENT).await.expect("a server");
        let silent = TcpStream::connect(server.address).await.expect("a connection");
        // Connections are accepted in their order, so the silent one is in by now.
        let _ann = tokio::spawn(raw(server.address, GET));
        held.entered.notified().await;
        held.release.notify_one();
        server.stop();
        assert_eq!(ended(server).await, 0, "it waited for {silent:?}");
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_off_after_the_grace() {
        let held = Held::default();
        let door = Door { grace: 1.ms(), ..PATIENT };
        let server = Live::start(held.app(), door).await.expect("a server");
        let ann = tokio::spawn(raw(server.address, GET));
        held.entered.notified().await;
        server.stop();
        assert_eq!(ended(server).await, 1);
        let answer = ann.await.expect("no panic");
        assert!(answer.as_ref().map_or(true, String::is_empty), "{answer:?}");
    }
}
