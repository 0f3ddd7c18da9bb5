//! Every connection ends with the lab that accepted it.
//!
//! `axum::serve` spawns its connections and forgets them, so a client's open connection would
//! still be answered after the lab is gone. Here a [`JoinSet`] owns them.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::stats::{Counters, Open};

pub(super) async fn serve(listener: TcpListener, router: Router, counters: Counters) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely out of file descriptors: without a pause this loop would spin until
            // somebody closes one. 10 ms is arbitrary.
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A `JoinSet` keeps what has ended until somebody asks.
        while connections.try_join_next().is_some() {}
        connections.spawn(answer(stream, router.clone(), counters.connect()));
    }
}

async fn answer(stream: TcpStream, router: Router, _open: Open) {
    // Else the system may hold a small chunk back by 40 ms, to send it with the next one. It
    // only fails on a connection that is gone already.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    // A client that leaves in mid-answer, or one we hang up on, is a lesson and no error.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
