//! Dropping a lab closes every connection that it accepted.
//!
//! `axum::serve` spawns a task for each connection and detaches it, so an open connection would
//! still get responses after the lab is dropped. Here a [`JoinSet`] owns the tasks.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::stats::{ConnectionGuard, Counters};

pub(super) async fn accept_all(
    listener: TcpListener,
    router: Router,
    counters: Counters,
) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely the process is out of file descriptors: without a pause this loop
            // would spin until one is closed. 10 ms is arbitrary.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A `JoinSet` keeps the results of ended tasks until they are taken.
        while connections.try_join_next().is_some() {}
        connections.spawn(serve_connection(stream, router.clone(), counters.connect()));
    }
}

async fn serve_connection(stream: TcpStream, router: Router, _open: ConnectionGuard) {
    // Otherwise the system may delay a small chunk by 40 ms, to send it with the next one. The
    // call fails only if the connection is already closed.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    // An error here is part of a lesson: the client disconnected before the response was
    // complete, or a route dropped the connection on purpose.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
