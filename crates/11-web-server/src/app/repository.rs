//! The repository is a trait, so the layers above it do not depend on a database.
//!
//! asyncio: any object with the right methods works, and a missing method is an error when it is
//! called; with a `Protocol` a type checker finds it earlier. Here the compiler checks a trait. The
//! futures are `Send`, because the server may run a handler on any of its threads.

use std::error::Error;

use super::user::{Person, User, UserId};

// ANCHOR: repository
/// The storage of users.
pub(crate) trait Repository: Send + Sync + 'static {
    /// Returns the user, or `None` if there is no user with this id.
    fn find(
        &self,
        id: UserId,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;

    /// Adds a user under a new id, or returns `None` if the e-mail address is in use. This is one
    /// operation: with a check first and an insert later, two requests could add the same address.
    fn add(
        &self,
        person: Person,
    ) -> impl Future<Output = Result<Option<User>, StoreError>> + Send;
}
// ANCHOR_END: repository

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The store is overloaded, so the same call may succeed a second later.
    #[error("the store of users is busy")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// A second attempt would fail too.
    #[error("the store of users is broken")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
