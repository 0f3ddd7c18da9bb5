//! The fake passes every test of the repository, but it keeps its users in memory only.
//!
//! asyncio tests often patch a method with a mock, which still passes when the real method changes.
//! A fake is a second implementation of the same trait, and the same tests run against both.

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

/// Users in memory. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    users: Arc<Mutex<Vec<User>>>,
    /// How long each call takes.
    latency: Duration,
    busy: bool,
}

impl Memory {
    /// A store with `User 1`, `User 2`, and so on.
    pub(crate) fn with_users(count: u32) -> Self {
        let users = (1..=count).map(User::example).collect();
        Self { users: Arc::new(Mutex::new(users)), ..Self::default() }
    }

    pub(crate) fn slow(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// A store whose every call fails.
    pub(crate) fn busy() -> Self {
        Self { busy: true, ..Self::default() }
    }

    async fn with<T>(
        &self,
        f: impl FnOnce(&mut Vec<User>) -> T,
    ) -> Result<T, StoreError> {
        if !self.latency.is_zero() {
            sleep(self.latency).step("in the store").await;
        }
        if self.busy {
            return Err(StoreError::Busy("simulated".into()));
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
            if users.iter().any(|user| user.person.email == person.email) {
                return None;
            }
            let id = UserId::try_from(users.len() as i64 + 1).ok()?;
            users.push(User { id, person });
            users.last().cloned()
        })
        .await
    }
}
