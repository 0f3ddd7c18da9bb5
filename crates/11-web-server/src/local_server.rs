//! A server on loopback. Used by the sections `refusals`, `panics`, `hang_up` and `shutdown`, and
//! by many tests.
#![cfg(not(target_family = "wasm"))]

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::app::serve::{ConnectionLimits, serve};

/// A running server. Dropping it aborts the server and all its connections immediately.
pub(crate) struct LocalServer {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    server: AbortOnDropHandle<usize>,
}

impl LocalServer {
    pub(crate) async fn start(app: Router, limits: ConnectionLimits) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let server = serve(listener, app, limits, stop.clone().cancelled_owned());
        Ok(Self { address, stop, server: AbortOnDropHandle::new(tokio::spawn(server)) })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Starts the graceful shutdown; [`stopped`](Self::stopped) waits for its end.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server has ended, and returns how many connections it aborted.
    pub(crate) async fn stopped(self) -> anyhow::Result<usize> {
        Ok(self.server.await?)
    }
}

/// Sends this text as it is, and reads until the server closes the connection.
pub(crate) async fn send_raw(server: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response)
}
