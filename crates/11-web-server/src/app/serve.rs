//! A connection ends when its client does, when it is too old, or a grace after the server stops.
//!
//! `axum::serve` has neither a limit for connections nor one for a client that never ends its
//! headers, and its graceful shutdown waits for the slowest client, for ever. So this is the loop
//! that `axum::serve` runs, with limits: accept, spawn a task per connection, stop, wait.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    pin, select,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::rates::Client;

/// How long and how many connections may live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Door {
    /// Open at the same time, from 1; the next ones wait in the system's queue.
    pub(crate) connections: usize,
    /// Until the headers of a request are here. A client that is silent between two requests has
    /// as long.
    pub(crate) headers: Duration,
    /// After this, a connection ends with the request it is at.
    pub(crate) lifetime: Duration,
    /// What a connection that was asked to end has left to do so.
    pub(crate) grace: Duration,
}

impl Default for Door {
    /// Arbitrary numbers for a small machine; the grace is a little more than a request may take.
    fn default() -> Self {
        Self {
            connections: 1000,
            headers: Duration::from_secs(10),
            lifetime: Duration::from_secs(600),
            grace: Duration::from_secs(20),
        }
    }
}

// ANCHOR: serve
/// Serves until `stop` is ready, lets what is in flight end, and returns how many connections
/// were cut off because they did not.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    door: Door,
    stop: impl Future<Output = ()>,
) -> usize {
    assert!(door.connections > 0, "a server without connections would never answer");
    let places = Arc::new(Semaphore::new(door.connections));
    let stopping = CancellationToken::new();
    let mut open = JoinSet::new();
    pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let (place, (stream, client)) = select! {
            biased;
            () = &mut stop => break,
            arrived = async { (place.await, accept(&listener).await) } => arrived,
        };
        let talk = talk(stream, app.clone(), client, door, stopping.clone());
        open.spawn(async move {
            let _place = place;
            talk.await
        });
        // A `JoinSet` keeps what has ended until somebody asks.
        while open.try_join_next().is_some() {}
    }
    // From here on the system refuses whoever comes, and hangs up on who waits in its queue.
    drop(listener);
    stopping.cancel();
    let mut cut_off = 0;
    while let Some(end) = open.join_next().await {
        // A connection that panicked has ended as well.
        cut_off += usize::from(matches!(end, Ok(End::CutOff)));
    }
    cut_off
}

async fn talk(
    stream: TcpStream,
    app: Router,
    client: SocketAddr,
    door: Door,
    stopping: CancellationToken,
) -> End {
    let app = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Client(client.ip()));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(door.headers)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    pin!(connection);
    select! {
        biased;
        // A client that leaves in mid-answer is no error of ours.
        _ = &mut connection => return End::Good,
        () = stopping.cancelled() => {}
        () = sleep(door.lifetime) => {}
    }
    // After the request it is at, if there is one.
    connection.as_mut().graceful_shutdown();
    let ended = timeout(door.grace, connection).await;
    if ended.is_ok() { End::Good } else { End::CutOff }
}

enum End {
    Good,
    CutOff,
}
// ANCHOR_END: serve

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(arrived) => return arrived,
            // Most likely out of file descriptors: without a pause this loop would spin until
            // somebody closes one. 10 ms is arbitrary.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use async_kit::Millis;
    use axum::{Extension, routing::get};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::yield_now,
    };

    use super::*;
    use crate::live::{Live, raw};

    const GET: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// Far beyond what any machine needs, so that only the limit under test can be met.
    const PATIENT: Door = Door {
        connections: 100,
        headers: Duration::from_secs(60),
        lifetime: Duration::from_secs(60),
        grace: Duration::from_secs(60),
    };

    async fn live(door: Door) -> Live {
        let app = Router::new().route("/", get(async || "done"));
        Live::start(app, door).await.expect("a server")
    }

    async fn until_hung_up(door: Door, request: &str) -> io::Result<String> {
        let server = live(door).await;
        timeout(10.secs(), raw(server.address, request)).await.expect("it hangs up")
    }

    #[tokio::test]
    async fn a_client_that_never_ends_its_headers_is_hung_up_on() {
        let door = Door { headers: 5.ms(), ..PATIENT };
        let answer = until_hung_up(door, "GET / HTTP/1.1\r\nhost: he").await;
        assert!(!answer.unwrap_or_default().contains("200"), "there was no request");
    }

    #[tokio::test]
    async fn a_client_that_says_nothing_is_hung_up_on() {
        let door = Door { headers: 5.ms(), ..PATIENT };
        assert_eq!(until_hung_up(door, "").await.unwrap_or_default(), "");
    }

    #[tokio::test]
    async fn a_client_that_has_nothing_more_to_say_is_hung_up_on() {
        let door = Door { headers: 5.ms(), ..PATIENT };
        let answer = until_hung_up(door, GET).await.expect("an answer");
        assert!(answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn an_old_connection_ends_with_the_request_it_is_at() {
        let door = Door { lifetime: 5.ms(), ..PATIENT };
        let answer = until_hung_up(door, GET).await.expect("an answer");
        assert!(answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn a_connection_serves_many_requests() {
        let server = live(PATIENT).await;
        let mut client = TcpStream::connect(server.address).await.expect("a connection");
        for _ in 0..3 {
            client.write_all(GET.as_bytes()).await.expect("sent");
            let mut answer = Vec::new();
            while !answer.ends_with(b"done") {
                let read = client.read_buf(&mut answer).await.expect("an answer");
                assert_ne!(read, 0, "hung up after {}", String::from_utf8_lossy(&answer));
            }
        }
    }

    #[tokio::test]
    async fn more_clients_than_there_is_room_for_wait_and_are_served() {
        let inside = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let seen = Arc::clone(&inside);
        let handler = async move || {
            let (now, most) = &*inside;
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            for _ in 0..100 {
                yield_now().await;
            }
            now.fetch_sub(1, SeqCst);
        };
        let app = Router::new().route("/", get(handler));
        let door = Door { connections: 2, ..PATIENT };
        let server = Live::start(app, door).await.expect("a server");
        let mut clients = JoinSet::new();
        for _ in 0..6 {
            let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
            clients.spawn(raw(server.address, request));
        }
        for answer in clients.join_all().await {
            assert!(
                answer.as_ref().is_ok_and(|answer| answer.contains("200")),
                "{answer:?}"
            );
        }
        assert_eq!(seen.1.load(SeqCst), 2, "connections at once");
    }

    #[tokio::test]
    async fn a_handler_learns_who_asks() {
        let who = async |Extension(Client(who)): Extension<Client>| who.to_string();
        let app = Router::new().route("/", get(who));
        let server = Live::start(app, PATIENT).await.expect("a server");
        let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let answer = raw(server.address, request).await.expect("an answer");
        assert!(answer.ends_with("127.0.0.1"), "{answer}");
    }
}
