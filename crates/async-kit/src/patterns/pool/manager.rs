//! A manager knows how to make, check and close a connection; the pool knows when.

use std::error::Error;

/// How a [`Pool`](super::Pool) makes, checks and closes its connections.
pub trait Manager: Send + Sync + 'static {
    /// What the pool lends.
    type Connection: Send + 'static;
    /// Why a connection could not be made.
    type Error: Error + Send + Sync + 'static;

    /// Opens a connection.
    ///
    /// # Cancel safety
    ///
    /// Has to be cancel safe: a cancelled `acquire`, or one out of time, drops it at any await,
    /// and what it has opened by then is for it to close.
    fn connect(
        &self,
    ) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Whether an idle connection can be lent again; if not, it is closed. Always, by default.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await; the connection is then closed and not lent again.
    fn is_healthy(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = bool> + Send {
        let _ = connection;
        async { true }
    }

    /// Closes a connection that will not be lent again. Drops it, by default.
    ///
    /// # Cancel safety
    ///
    /// Need not be cancel safe: it runs in a task of its own, for as long as the runtime lives.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send {
        async { drop(connection) }
    }
}
