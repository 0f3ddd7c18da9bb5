//! The fake keeps every promise of the repository but one: it forgets all when it is dropped.
//!
//! asyncio tests patch a method with a mock, and notice too late when the real one has changed.
//! A fake is a second implementation of the same trait, and the same tests hold for both.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::Lane;
use tokio::time::sleep;

use super::{
    repository::{Repository, StoreError},
    user::{Person, User, UserId},
};

/// Users in memory. A clone is the same one.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    users: Arc<Mutex<Vec<User>>>,
    /// How long each answer takes.
    takes: Duration,
    busy: bool,
}

impl Memory {
    /// With `User 1`, `User 2`, and so on.
    pub(crate) fn with_users(count: u32) -> Self {
        let users = (1..=count).map(User::example).collect();
        Self { users: Arc::new(Mutex::new(users)), ..Self::default() }
    }

    pub(crate) fn slow(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// One that fails at every call.
    pub(crate) fn busy() -> Self {
        Self { busy: true, ..Self::default() }
    }

    async fn with<T>(
        &self,
        f: impl FnOnce(&mut Vec<User>) -> T,
    ) -> Result<T, StoreError> {
        if !self.takes.is_zero() {
            sleep(self.takes).step("in the store").await;
        }
        if self.busy {
            return Err(StoreError::Busy("told to be".into()));
        }
        Ok(f(&mut self.users.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Repository for Memory {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.with(|users| users.iter().find(|user| user.id == id).cloned()).await
    }

    async fn add(&self, person: Person) -> Result<Option<User>, StoreError> {
        self.with(|users| {
            let email = person.email.as_str();
            let taken =
                |user: &User| user.person.email.as_str().eq_ignore_ascii_case(email);
            if users.iter().any(taken) {
                return None;
            }
            let id = UserId::try_from(users.len() as i64 + 1).ok()?;
            users.push(User { id, person });
            users.last().cloned()
        })
        .await
    }
}
