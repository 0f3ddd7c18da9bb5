//! A connection ends with its client, at the end of its lifetime, or a grace period after the stop.
//!
//! `axum::serve` does not limit the number of connections, or the time for the headers of a request,
//! and its graceful shutdown waits for the slowest client without a timeout. So this is the loop of
//! `axum::serve`, with limits: accept, spawn a task per connection, stop, wait.
#![cfg(not(target_family = "wasm"))]

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

use super::{open_connections::OpenConnections, rate_limiter::ClientAddr};

/// The number of connections, and how long each phase of a connection may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// The maximum number of open connections, at least 1. Further connections wait in the accept
    /// queue of the system.
    pub(crate) connections: usize,
    /// The maximum number of open connections of one client, at least 1. Further connections are
    /// closed immediately. Behind a proxy all clients have one address: then choose `connections`.
    pub(crate) per_client: usize,
    /// The time until the headers of a request have arrived. An idle client has the same time to
    /// begin its next request.
    pub(crate) headers: Duration,
    /// After this time a connection ends with its current request.
    pub(crate) lifetime: Duration,
    /// The grace period: how long a connection may still take after its graceful shutdown began.
    pub(crate) grace: Duration,
}

impl Default for ConnectionLimits {
    /// Arbitrary numbers for a small machine. The grace period is a little longer than a request
    /// may take.
    fn default() -> Self {
        Self {
            connections: 1000,
            per_client: 100,
            headers: Duration::from_secs(10),
            lifetime: Duration::from_secs(600),
            grace: Duration::from_secs(20),
        }
    }
}

// ANCHOR: serve
/// Serves until `stop` is ready, waits for the requests in flight, and returns how many connections
/// it aborted because they did not end within the grace period.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) -> usize {
    assert!(limits.connections > 0, "a server with 0 connections would never answer");
    assert!(limits.per_client > 0, "0 connections per client would refuse every client");
    let permits = Arc::new(Semaphore::new(limits.connections));
    let clients = OpenConnections::default();
    let stopping = CancellationToken::new();
    let mut open = JoinSet::new();
    pin!(stop);
    loop {
        let permit = Arc::clone(&permits).acquire_owned();
        let (permit, (stream, client)) = select! {
            biased;
            () = &mut stop => break,
            accepted = async { (permit.await, accept(&listener).await) } => accepted,
        };
        // Above its limit a client gets no answer, because even a task per refusal would be too much.
        let Some(counted) = clients.open(client.ip(), limits.per_client) else {
            continue;
        };
        let connection =
            serve_connection(stream, app.clone(), client, limits, stopping.clone());
        open.spawn(async move {
            let _until_it_ends = (permit, counted);
            connection.await
        });
        // A `JoinSet` keeps the result of an ended task until it is joined.
        while open.try_join_next().is_some() {}
    }
    // From here on the system refuses new connections, and closes those in its accept queue.
    drop(listener);
    stopping.cancel();
    let mut aborted = 0;
    while let Some(end) = open.join_next().await {
        // A connection task that panicked is an `Err`, and has also ended.
        aborted += usize::from(matches!(end, Ok(End::Aborted)));
    }
    aborted
}

async fn serve_connection(
    stream: TcpStream,
    app: Router,
    client: SocketAddr,
    limits: ConnectionLimits,
    stopping: CancellationToken,
) -> End {
    let app = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ClientAddr(client.ip()));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    pin!(connection);
    select! {
        biased;
        // If a client disconnects during the response, that is not an error of the server.
        _ = &mut connection => return End::Complete,
        () = stopping.cancelled() => {}
        () = sleep(limits.lifetime) => {}
    }
    // The connection ends after its current request, if there is one.
    connection.as_mut().graceful_shutdown();
    let ended = timeout(limits.grace, connection).await;
    if ended.is_ok() { End::Complete } else { End::Aborted }
}

enum End {
    Complete,
    Aborted,
}
// ANCHOR_END: serve

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Most likely the process has no free file descriptor. Without a pause this loop would
            // spin until one is closed. 10 ms is arbitrary.
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
        net::TcpSocket,
        task::yield_now,
    };

    use super::*;
    use crate::local_server::{LocalServer, send_raw};

    const GET: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// Limits so long that only the limit under test can expire.
    const LONG_LIMITS: ConnectionLimits = ConnectionLimits {
        connections: 100,
        per_client: 100,
        headers: Duration::from_secs(60),
        lifetime: Duration::from_secs(60),
        grace: Duration::from_secs(60),
    };

    async fn start(limits: ConnectionLimits) -> LocalServer {
        let app = Router::new().route("/", get(async || "done"));
        LocalServer::start(app, limits).await.expect("a server")
    }

    async fn until_closed(limits: ConnectionLimits, request: &str) -> io::Result<String> {
        let server = start(limits).await;
        let response = timeout(10.secs(), send_raw(server.address, request)).await;
        response.expect("the server closes the connection in time")
    }

    #[tokio::test]
    async fn a_client_that_never_ends_its_headers_is_disconnected() {
        let limits = ConnectionLimits { headers: 5.ms(), ..LONG_LIMITS };
        let response = until_closed(limits, "GET / HTTP/1.1\r\nhost: he").await;
        assert!(
            !response.unwrap_or_default().contains("200"),
            "the request is incomplete"
        );
    }

    #[tokio::test]
    async fn a_client_that_sends_nothing_is_disconnected() {
        let limits = ConnectionLimits { headers: 5.ms(), ..LONG_LIMITS };
        assert_eq!(until_closed(limits, "").await.unwrap_or_default(), "");
    }

    #[tokio::test]
    async fn a_client_without_a_next_request_is_disconnected() {
        let limits = ConnectionLimits { headers: 5.ms(), ..LONG_LIMITS };
        let response = until_closed(limits, GET).await.expect("a response");
        assert!(response.ends_with("done"), "{response}");
    }

    #[tokio::test]
    async fn a_connection_past_its_lifetime_ends_with_its_current_request() {
        let limits = ConnectionLimits { lifetime: 5.ms(), ..LONG_LIMITS };
        let response = until_closed(limits, GET).await.expect("a response");
        assert!(response.ends_with("done"), "{response}");
    }

    #[tokio::test]
    async fn a_connection_serves_many_requests() {
        let server = start(LONG_LIMITS).await;
        let mut client = TcpStream::connect(server.address).await.expect("a connection");
        for _ in 0..3 {
            client.write_all(GET.as_bytes()).await.expect("sent");
            let mut response = Vec::new();
            while !response.ends_with(b"done") {
                let read = client.read_buf(&mut response).await.expect("a response");
                assert_ne!(
                    read,
                    0,
                    "closed after {}",
                    String::from_utf8_lossy(&response)
                );
            }
        }
    }

    #[tokio::test]
    async fn clients_above_the_connection_limit_wait_and_are_served() {
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let seen = Arc::clone(&counts);
        let handler = async move || {
            let (now, peak) = &*counts;
            peak.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            for _ in 0..100 {
                yield_now().await;
            }
            now.fetch_sub(1, SeqCst);
        };
        let app = Router::new().route("/", get(handler));
        let limits = ConnectionLimits { connections: 2, ..LONG_LIMITS };
        let server = LocalServer::start(app, limits).await.expect("a server");
        let mut clients = JoinSet::new();
        for _ in 0..6 {
            let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
            clients.spawn(send_raw(server.address, request));
        }
        for response in clients.join_all().await {
            assert!(
                response.as_ref().is_ok_and(|response| response.contains("200")),
                "{response:?}"
            );
        }
        assert_eq!(seen.1.load(SeqCst), 2, "peak of concurrent requests");
    }

    #[tokio::test]
    async fn a_client_above_its_own_limit_is_disconnected_and_others_are_served() {
        let server = start(ConnectionLimits { per_client: 2, ..LONG_LIMITS }).await;
        let connect =
            async || TcpStream::connect(server.address).await.expect("connected");
        let (first, _second) = (connect().await, connect().await);
        let third =
            timeout(10.secs(), connect().await.read_to_end(&mut Vec::new())).await;
        assert!(third.is_ok(), "the server closes the third connection");
        drop(first);
        // The server sees the end of the first connection a moment later.
        let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let served = async {
            loop {
                let response = send_raw(server.address, request).await;
                if response.is_ok_and(|response| response.contains("200")) {
                    return;
                }
                yield_now().await;
            }
        };
        timeout(10.secs(), served).await.expect("there is room for one more again");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn half_open_requests_of_one_client_do_not_lock_out_another() {
        let limits = ConnectionLimits { connections: 8, per_client: 4, ..LONG_LIMITS };
        let server = start(limits).await;
        let mut attacker = Vec::new();
        for _ in 0..40 {
            let mut stream = TcpStream::connect(server.address).await.expect("connected");
            // A connection above the limit may be closed by now.
            let _ = stream.write_all(b"GET / HTTP/1.1\r\n").await;
            attacker.push(stream);
        }
        // On Linux all of 127.0.0.0/8 is the loopback interface.
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, 2], 0).into()).expect("a second address");
        let mut other = socket.connect(server.address).await.expect("connected");
        other.write_all(GET.as_bytes()).await.expect("sent");
        let mut response = [0; 12];
        let read = timeout(10.secs(), other.read_exact(&mut response)).await;
        read.expect("in time").expect("a response");
        assert_eq!(&response, b"HTTP/1.1 200");
    }

    #[tokio::test]
    async fn a_handler_receives_the_address_of_its_client() {
        let handler = async |Extension(ClientAddr(client)): Extension<ClientAddr>| {
            client.to_string()
        };
        let app = Router::new().route("/", get(handler));
        let server = LocalServer::start(app, LONG_LIMITS).await.expect("a server");
        let request = "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let response = send_raw(server.address, request).await.expect("a response");
        assert!(response.ends_with("127.0.0.1"), "{response}");
    }
}
