//! Changes are stored in a journal, or nowhere if the broker is in memory.

use std::time::Duration;

use bytes::Bytes;

#[cfg(not(target_family = "wasm"))]
use super::journal::Journal;
use super::{
    change::{Change, Seq},
    failure::Failure,
};
use crate::{BrokerError, Message};

pub(super) enum Store {
    Memory,
    #[cfg(not(target_family = "wasm"))]
    Journal(Box<Journal>),
}

/// What a queue contained when its process ended.
#[derive(Default)]
pub(super) struct LoadedQueue {
    /// In their order, each with its number and how many times it was delivered.
    pub(super) messages: Vec<(Seq, Message, u32)>,
    /// The ids that are remembered, in the order of their times, and for how long each.
    pub(super) ids: Vec<(String, Duration)>,
    pub(super) dead: Vec<Message>,
}

#[cfg_attr(
    target_family = "wasm",
    expect(unused_variables, reason = "only the journal uses it")
)]
impl Store {
    /// Stores all of the changes or none.
    pub(super) async fn commit(&mut self, changes: &[Change]) -> Result<(), Failure> {
        match self {
            Self::Memory => Ok(()),
            #[cfg(not(target_family = "wasm"))]
            Self::Journal(journal) => journal.commit(changes).await,
        }
    }

    pub(super) async fn load_queue(
        &mut self,
        name: &str,
    ) -> Result<LoadedQueue, BrokerError> {
        match self {
            Self::Memory => Ok(LoadedQueue::default()),
            #[cfg(not(target_family = "wasm"))]
            Self::Journal(journal) => journal.load_queue(name).await,
        }
    }

    pub(super) async fn load_log(
        &mut self,
        name: &str,
    ) -> Result<Vec<Bytes>, BrokerError> {
        match self {
            Self::Memory => Ok(Vec::new()),
            #[cfg(not(target_family = "wasm"))]
            Self::Journal(journal) => journal.load_log(name).await,
        }
    }

    pub(super) async fn close(self) {
        match self {
            Self::Memory => {}
            #[cfg(not(target_family = "wasm"))]
            Self::Journal(journal) => journal.close().await,
        }
    }
}
