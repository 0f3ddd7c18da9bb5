//! A returned connection releases its permit, unless the connection has to be closed first.

use std::sync::Mutex;

use tokio::sync::Notify;

use super::{
    super::waiters::{Waiters, lock, wake},
    builder::Limits,
    entry::Entry,
    manager::Manager,
};

/// The state that the handles of a pool and its checked-out connections share.
pub(super) struct Shared<M: Manager> {
    pub(super) manager: M,
    pub(super) limits: Limits,
    pub(super) state: Mutex<State<M::Connection>>,
    pub(super) all_returned: Notify,
}

pub(super) struct State<C> {
    /// The connection returned last is on top. Each entry is boxed, so that a checkout moves only
    /// a pointer. With two limits set, this saves a third of the cost of a checkout.
    pub(super) idle: Vec<Box<Entry<C>>>,
    pub(super) waiters: Waiters,
    /// The number of [`Pooled`](super::Pooled) values, held by tasks of the caller or by tasks
    /// that close a connection.
    pub(super) in_use: usize,
    pub(super) closed: bool,
}

impl<M: Manager> Shared<M> {
    pub(super) fn new(manager: M, limits: Limits) -> Self {
        let waiters = Waiters::new(limits.max_size);
        let state = State { idle: Vec::new(), waiters, in_use: 0, closed: false };
        Self { manager, limits, state: Mutex::new(state), all_returned: Notify::new() }
    }

    /// Releases a permit, and puts its connection on top of the idle ones. If the connection must
    /// be closed first, returns the connection and does not release the permit.
    pub(super) fn check_in(
        &self,
        entry: Option<Box<Entry<M::Connection>>>,
    ) -> Option<Box<Entry<M::Connection>>> {
        let mut state = lock(&self.state);
        if entry.as_ref().is_some_and(|entry| entry.broken || state.closed) {
            return entry;
        }
        state.idle.extend(entry);
        state.in_use -= 1;
        // A closed pool grants no permit. The idle connections that it closes had none to release.
        let next = if state.closed { None } else { state.waiters.release() };
        let all_returned = state.closed && state.in_use == 0;
        drop(state);
        wake(next);
        if all_returned {
            self.all_returned.notify_waiters();
        }
        None
    }
}
