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
    // From here on the system refuses whoever comes.
    drop(listener);
    stopping.cancel();
    let ends = open.join_all().await;
    ends.into_iter().filter(|end| *end == End::CutOff).count()
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
