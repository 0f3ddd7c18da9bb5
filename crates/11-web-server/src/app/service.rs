//! The service turns results of the store into errors of the domain, and knows no HTTP and no SQL.

use super::{
    repository::{Repository, StoreError},
    user::{Email, Person, User, UserId},
};

// ANCHOR: service
/// The operations on users, generic over the storage.
pub(crate) struct Users<R> {
    repository: R,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum UserError {
    #[error("there is no user {0}")]
    Unknown(UserId),
    #[error("{0} belongs to another user")]
    Taken(Email),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<R: Repository> Users<R> {
    pub(crate) fn new(repository: R) -> Self {
        Self { repository }
    }

    pub(crate) async fn find(&self, id: UserId) -> Result<User, UserError> {
        self.repository.find(id).await?.ok_or(UserError::Unknown(id))
    }

    pub(crate) async fn add(&self, person: Person) -> Result<User, UserError> {
        let email = person.email.clone();
        self.repository.add(person).await?.ok_or(UserError::Taken(email))
    }
}
// ANCHOR_END: service
