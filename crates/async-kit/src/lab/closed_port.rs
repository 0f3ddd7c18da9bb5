//! A port that is bound but never listens refuses every connection.

use std::{io, net::Ipv4Addr};

use tokio::net::TcpSocket;

use super::join_url::join_url;

/// A port on `127.0.0.1` that refuses every connection, for as long as this lives.
///
/// A port that was closed a moment ago may already belong to another process. This one stays
/// taken: it is bound, and never listens.
///
/// # Examples
///
/// ```
/// use async_kit::lab::ClosedPort;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let closed = ClosedPort::bind()?;
/// let client = reqwest::Client::builder().no_proxy().build()?;
/// let refused = client.get(closed.url("/")).send().await;
/// assert!(refused.is_err_and(|error| error.is_connect()));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it frees the port, and another process may listen there"]
#[derive(Debug)]
pub struct ClosedPort {
    base: String,
    _socket: TcpSocket,
}

impl ClosedPort {
    /// Binds a port that the system picks.
    ///
    /// # Errors
    ///
    /// An error of the system, if it has no free port or no socket.
    pub fn bind() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self { base: format!("http://{}", socket.local_addr()?), _socket: socket })
    }

    /// Returns the address of a path. A connection to it is always refused.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join_url(&self.base, path)
    }
}
