//! The records of several processes, sent through one queue, are drawn as one run.
//!
//! A message is a part of a recording: a line with what the reader needs to know, then a record in the
//! format of `--record`.
#![cfg(not(target_family = "wasm"))]

mod header;
mod read;

use std::{collections::BTreeMap, mem, num::NonZeroUsize, sync::Arc};

use async_kit::stage::record::{Clocks, Import, Part, PartError, Recorder};

use self::{header::Sent, read::read};
use crate::{MAX_BODY, Message, PublishError, Queue};

/// How many events a message has at most. Arbitrary: about 100 KB, a tenth of what a broker accepts.
const MAX_EVENTS: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// How many messages may be ahead of a missing one. Arbitrary: a message that is delivered again is late
/// by `ack_wait`, and a process sends a few messages a second.
const MAX_EARLY: usize = 1_000;

/// Sends what this process records.
pub struct RecordSender {
    process: String,
    recorder: Recorder,
    queue: Arc<dyn Queue>,
    clocks: Clocks,
    /// Distinguishes two processes of the same name, for example a process and its restart.
    start: u64,
    /// The number of the next message.
    number: u64,
    /// How many events were in messages that no broker accepts.
    lost: usize,
    /// The message that was not acknowledged, and its number of events.
    unsent: Option<(Message, usize)>,
}

impl RecordSender {
    /// Makes a sender of what this recorder records, to this queue. `clocks` compares the clock of the
    /// recorder with that of the process that draws: see [`compare_clocks`](crate::compare_clocks).
    pub fn new(
        process: impl Into<String>,
        recorder: Recorder,
        queue: Arc<dyn Queue>,
        clocks: Clocks,
    ) -> Self {
        let process = process.into();
        let start = fastrand::u64(..);
        Self { process, recorder, queue, clocks, start, number: 0, lost: 0, unsent: None }
    }

    /// Sends what was recorded since the last call. If nothing was, it still sends a message: then the
    /// picture shows that the process was alive.
    ///
    /// # Errors
    ///
    /// [`PublishError`]. After [`PublishError::TooLarge`] the events of the message are lost, and the
    /// picture counts them. After any other error the next call sends them.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the next call sends the same message again, with the same id.
    pub async fn send(&mut self) -> Result<(), PublishError> {
        self.send_unsent().await?;
        loop {
            let part = self.recorder.take_part(MAX_EVENTS);
            let events = part.recording.events.len();
            self.unsent = Some((self.message(part), events));
            self.send_unsent().await?;
            if events < MAX_EVENTS.get() {
                return Ok(());
            }
        }
    }

    async fn send_unsent(&mut self) -> Result<(), PublishError> {
        let Some((message, events)) = &self.unsent else { return Ok(()) };
        let sent = self.queue.publish_one(message.clone()).await;
        match &sent {
            Ok(_) => self.number += 1,
            Err(PublishError::TooLarge { .. }) => self.lost += events,
            Err(_) => return sent.map(drop),
        }
        self.unsent = None;
        sent.map(drop)
    }

    fn message(&mut self, mut part: Part) -> Message {
        part.recording.lost += mem::take(&mut self.lost);
        let Self { start, number, clocks, .. } = *self;
        let sent = Sent { process: self.process.clone(), start, number, clocks, part };
        Message::new(sent.to_bytes()).id(format!("{start:016x}-{number}"))
    }
}

/// A message is no part of a recording. It can be a message of another program, so it should become a dead
/// letter: see [`Settle::Term`](crate::Settle::Term).
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is larger than any part.
    #[error("a record of {0} bytes is larger than a broker accepts")]
    TooLarge(usize),
    /// It is not in the format of a part, for the reason in the text.
    #[error("this is no record of a process: {0}")]
    Malformed(String),
    /// It is a record of another version.
    #[error("this is a record of version {0}, and this program reads version 1")]
    Version(u64),
    /// Its lanes and events do not fit together.
    #[error("this is no record of a process: {0}")]
    Part(#[from] PartError),
    /// Its number is beyond those that may come before a missing one.
    #[error("record {number} of {process} comes while record {next} is missing")]
    TooEarly {
        /// The name of the process.
        process: String,
        /// The number of the record.
        number: u64,
        /// The number of the missing record.
        next: u64,
    },
}

/// Adds what other processes send to the run of this process.
///
/// A message that is delivered twice is added once. Messages that arrive in another order are added in the
/// order of their numbers.
///
/// Dropping it ends the lanes of all processes that have not ended them: such a process was killed. They
/// end where the process was last known.
#[must_use = "dropping it ends the lanes of the processes"]
pub struct RecordReader {
    recorder: Recorder,
    processes: BTreeMap<(String, u64), Process>,
}

struct Process {
    import: Import,
    /// The number of the next part.
    next: u64,
    early: BTreeMap<u64, (Part, Clocks)>,
}

impl RecordReader {
    /// Will add to this recorder.
    pub fn new(recorder: Recorder) -> Self {
        Self { recorder, processes: BTreeMap::new() }
    }

    /// Adds a message that a [`RecordSender`] has sent.
    ///
    /// # Errors
    ///
    /// [`RecordError`], and nothing is added.
    pub fn add(&mut self, message: &Message) -> Result<(), RecordError> {
        let Sent { process, start, number, clocks, part } = read(&message.body)?;
        part.check()?;
        let new = || Process {
            import: self.recorder.import(&process),
            next: 0,
            early: BTreeMap::new(),
        };
        let known = self.processes.entry((process.clone(), start)).or_insert_with(new);
        let next = known.next;
        if number > next && number - next > MAX_EARLY as u64 {
            return Err(RecordError::TooEarly { process, number, next });
        }
        if number >= next {
            known.early.insert(number, (part, clocks));
            known.add_in_order();
        }
        Ok(())
    }
}

impl Process {
    fn add_in_order(&mut self) {
        while let Some((part, clocks)) = self.early.remove(&self.next) {
            self.add(part, &clocks);
            self.next += 1;
        }
    }

    fn add(&mut self, part: Part, clocks: &Clocks) {
        self.import.add(part, clocks).expect("it was checked when it came");
    }
}

/// Adds the messages that wait for a missing one, because the missing one cannot arrive any more. Then the
/// import is dropped, which ends the lanes.
impl Drop for Process {
    fn drop(&mut self) {
        for (part, clocks) in mem::take(&mut self.early).into_values() {
            self.add(part, &clocks);
        }
    }
}

#[cfg(test)]
mod tests;
