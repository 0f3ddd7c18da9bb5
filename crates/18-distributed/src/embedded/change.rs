//! A change is planned, then committed to the journal, then applied in memory.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::command::Job;
use crate::{Message, Token};

/// What identifies an open queue or log. A queue that was removed and made again has another one.
pub(super) type Key = u64;

/// The number of a message. It orders the messages, and is never used again.
pub(super) type Seq = u64;

/// The content of a [`Token`]: which delivery of which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) seq: Seq,
    pub(super) deliveries: u32,
}

impl Ticket {
    pub(super) fn token(self) -> Token {
        Token(format!("{}.{}", self.seq, self.deliveries))
    }

    pub(super) fn parse(token: &Token) -> Option<Self> {
        let (seq, deliveries) = token.0.split_once('.')?;
        Some(Self { seq: seq.parse().ok()?, deliveries: deliveries.parse().ok()? })
    }
}

/// One change of what is stored.
#[cfg_attr(
    target_family = "wasm",
    expect(dead_code, reason = "only the journal uses it")
)]
pub(super) enum Change {
    Store {
        queue: Key,
        name: Arc<str>,
        seq: Seq,
        message: Message,
        /// For how long its id is remembered.
        window: Duration,
    },
    Deliver {
        queue: Key,
        ticket: Ticket,
        job: Job,
    },
    Remove {
        queue: Key,
        seq: Seq,
    },
    MoveToDeadLetters {
        queue: Key,
        seq: Seq,
        job: Option<Job>,
    },
    Append {
        log: Key,
        name: Arc<str>,
        number: u64,
        body: Bytes,
    },
    /// Every queue and log is removed.
    Clear,
}
