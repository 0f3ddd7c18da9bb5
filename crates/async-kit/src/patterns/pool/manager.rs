//! A manager knows how to make, check and close a connection; the pool knows when.

use std::error::Error;

/// How a [`Pool`](super::Pool) makes, checks and closes its connections.
///
/// `connect` and `is_healthy` may be cancelled at any of their awaits; a `close` once begun is
/// run to its end, for as long as the runtime lives.
pub trait Manager: Send + Sync + 'static {
    /// What the pool lends.
    type Connection: Send + 'static;
    /// Why a connection could not be made.
    type Error: Error + Send + Sync + 'static;

    /// Opens a connection. If it is cancelled it must clean up after itself.
    fn connect(
        &self,
    ) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Whether an idle connection can be lent again; if not, it is closed. Always, by default.
    fn is_healthy(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = bool> + Send {
        let _ = connection;
        async { true }
    }

    /// Closes a connection that will not be lent again. Drops it, by default.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send {
        async { drop(connection) }
    }
}
