//! A server on loopback that a section or a test starts, asks, and stops.

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

use crate::app::serve::{Door, serve};

/// A running server. Dropped, it ends at once with all its connections.
pub(crate) struct Live {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    server: AbortOnDropHandle<usize>,
}

impl Live {
    pub(crate) async fn start(app: Router, door: Door) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let server = serve(listener, app, door, stop.clone().cancelled_owned());
        Ok(Self { address, stop, server: AbortOnDropHandle::new(tokio::spawn(server)) })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks the server to stop; [`ended`](Self::ended) waits until it has.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// How many connections were cut off.
    pub(crate) async fn ended(self) -> anyhow::Result<usize> {
        Ok(self.server.await?)
    }
}

/// Sends this as it is, and reads until the server hangs up.
pub(crate) async fn raw(server: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
