//! A manager opens, checks and closes a connection; the pool decides when.

use std::error::Error;

/// How a [`Pool`](super::Pool) opens, checks and closes its connections.
pub trait Manager: Send + Sync + 'static {
    /// The type of the connections.
    type Connection: Send + 'static;
    /// Why a connection could not be opened.
    type Error: Error + Send + Sync + 'static;

    /// Opens a connection.
    ///
    /// # Cancel safety
    ///
    /// Must be cancel safe: if `acquire` is cancelled or times out, the pool may drop this
    /// future at any await. It does not close a connection that the future has already opened.
    fn connect(
        &self,
    ) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Whether an idle connection can be used again; if not, the pool closes it. Always `true`
    /// by default.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the pool then closes the connection.
    fn is_healthy(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = bool> + Send {
        let _ = connection;
        async { true }
    }

    /// Closes a connection that will not be used again. Drops it by default.
    ///
    /// # Cancel safety
    ///
    /// Need not be cancel safe: it runs in a task of its own, until the runtime shuts down or
    /// [`close_timeout`](super::Builder::close_timeout) expires.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send {
        async { drop(connection) }
    }
}
