//! The repository is a trait, so the layers above it never learn what stores the users.
//!
//! asyncio: any object with the right methods, checked when it is called, or a `Protocol`. Here a
//! trait, checked when it is compiled. The futures are `Send`, because the server runs handlers
//! on any of its threads.

use std::error::Error;

use super::user::{Person, User, UserId};

// ANCHOR: repository
/// Where users are kept.
pub(crate) trait Repository: Send + Sync + 'static {
    /// The user, or `None` if there is none of this id.
    fn find(
        &self,
        id: UserId,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// Adds a user under a new id, or returns `None` if the e-mail address is in use: to look
    /// first and to add then would let two requests add the same address.
    fn add(
        &self,
        person: Person,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;
}
// ANCHOR_END: repository

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Too much to do: it may well work a second later.
    #[error("the store of users is busy")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// Nothing that a second attempt would change.
    #[error("the store of users is broken")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
