//! A port that is taken, and that nobody listens on, refuses every connection.

use std::{io, net::Ipv4Addr};

use tokio::net::TcpSocket;

use super::base::join;

/// A port on `127.0.0.1` that refuses every connection, for as long as this lives.
///
/// A port that was given back a moment ago may already be somebody else's. This one stays
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
#[must_use = "dropping it frees the port, and somebody else may listen there"]
#[derive(Debug)]
pub struct ClosedPort {
    base: String,
    _socket: TcpSocket,
}

impl ClosedPort {
    /// Takes a port that the system picks.
    ///
    /// # Errors
    ///
    /// When the system has no port left, or no socket.
    pub fn bind() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self { base: format!("http://{}", socket.local_addr()?), _socket: socket })
    }

    /// The address of a path that nobody will ever answer for.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join(&self.base, path)
    }
}
