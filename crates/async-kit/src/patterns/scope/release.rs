//! A release takes its resource by value, so no resource can be released twice.

/// A resource with an asynchronous release.
///
/// Corresponds to `__aexit__`. Tokio has no counterpart: `Drop` cannot wait. `self` is taken by
/// value, so no resource can be released twice.
///
/// A release returns nothing, because after a cancellation no caller is left that could receive an
/// error. An operation that may fail and matters, such as a commit, belongs at the end of the
/// scope's body. Log the errors of a release.
///
/// # Examples
///
/// ```
/// use async_kit::scope::Release;
///
/// struct Connection;
///
/// impl Release for Connection {
///     async fn release(self) {
///         // close the connection to the server
///     }
/// }
/// ```
pub trait Release: Send + 'static {
    /// Releases the resource.
    ///
    /// # Cancel safety
    ///
    /// Need not be cancel safe: it runs to its end even if the caller of [`with`](super::with) is
    /// cancelled. Only the end of the runtime drops it before its end.
    fn release(self) -> impl Future<Output = ()> + Send;
}
