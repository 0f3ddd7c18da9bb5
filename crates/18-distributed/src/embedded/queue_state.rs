//! A message waits, is held until a deadline, or is removed: it is never in two of these states.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    change::{Change, Key, Seq, Ticket},
    command::{Delivered, Job},
    partition::{Partition, Window},
    recent_ids::RecentIds,
    store::LoadedQueue,
};
use crate::{
    MAX_BODY, Message, PublishError, Receipt, Settings, Settle, Status,
    settings::storable,
};

pub(super) struct QueueState {
    pub(super) key: Key,
    pub(super) name: Arc<str>,
    pub(super) settings: Settings,
    messages: BTreeMap<Seq, Stored>,
    /// Messages that are planned and not yet committed.
    planned: usize,
    ids: RecentIds,
    partitions: Vec<Partition>,
    /// When which held message returns.
    due: BTreeSet<(Instant, Seq)>,
    dead: Vec<Message>,
}

struct Stored {
    message: Message,
    partition: usize,
    deliveries: u32,
    held: Option<Held>,
}

/// A message that is not in the window: a worker has it, or it waits for the end of a delay.
struct Held {
    job: Job,
    until: Instant,
    delayed: bool,
}

impl QueueState {
    pub(super) fn new(key: Key, name: Arc<str>, settings: Settings) -> Self {
        let partition = |_| Partition::new(settings.max_ack_pending);
        Self {
            key,
            name,
            messages: BTreeMap::new(),
            planned: 0,
            ids: RecentIds::default(),
            partitions: (0..settings.partitions).map(partition).collect(),
            due: BTreeSet::new(),
            dead: Vec::new(),
            settings,
        }
    }

    pub(super) fn windows(&self) -> Vec<Window> {
        self.partitions.iter().map(Partition::window).collect()
    }

    /// When the next held message returns.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(until, _)| *until)
    }

    // Planning: nothing is visible to a worker yet.

    /// Decides whether a message can be stored, and reserves its slot and its id.
    pub(super) fn plan_store(
        &mut self,
        message: Message,
        next_seq: &mut Seq,
        changes: &mut Vec<Change>,
    ) -> Result<Receipt, PublishError> {
        message.check(MAX_BODY)?;
        let now = Instant::now();
        if let Some(id) = &message.id
            && self.ids.contains(id, now)
        {
            return Ok(Receipt { duplicate: true });
        }
        if let Some(limit) = self.settings.max_messages
            && self.messages.len() + self.planned >= limit
        {
            return Err(PublishError::Full(limit));
        }
        if let Some(id) = &message.id {
            self.ids.insert(id.clone(), now + self.settings.dedup_window);
        }
        self.planned += 1;
        let (queue, name, seq) = (self.key, Arc::clone(&self.name), *next_seq);
        *next_seq += 1;
        let window = self.settings.dedup_window;
        changes.push(Change::Store { queue, name, seq, message, window });
        Ok(Receipt { duplicate: false })
    }

    /// Decides what becomes of a message that a worker is about to get.
    pub(super) fn plan_delivery(&self, job: Job) -> Option<Change> {
        let (queue, seq) = (self.key, *job);
        let Some(stored) = self.messages.get(&seq) else {
            // A late acknowledgement has removed it while it waited.
            job.done();
            return None;
        };
        if stored.deliveries >= self.settings.max_deliver {
            return Some(Change::MoveToDeadLetters { queue, seq, job: Some(job) });
        }
        let ticket = Ticket { seq, deliveries: stored.deliveries + 1 };
        Some(Change::Deliver { queue, ticket, job })
    }

    /// Decides what to store for a settled delivery. What is not stored happens immediately.
    pub(super) fn plan_settle(&mut self, ticket: Ticket, how: Settle) -> Option<Change> {
        let (queue, seq) = (self.key, ticket.seq);
        let stored = self.messages.get(&seq)?;
        let is_current = stored.deliveries == ticket.deliveries && stored.held.is_some();
        match how {
            Settle::Ack => Some(Change::Remove { queue, seq }),
            Settle::Term => Some(Change::MoveToDeadLetters { queue, seq, job: None }),
            Settle::Nak(delay) if is_current => {
                self.hold(seq, storable(delay), true);
                None
            }
            Settle::InProgress if is_current => {
                self.hold(seq, self.settings.ack_wait, false);
                None
            }
            // Another worker has it by now, or may get it at any moment.
            Settle::Nak(_) | Settle::InProgress => None,
        }
    }

    // Applying: the change is committed.

    pub(super) fn apply_store(&mut self, seq: Seq, message: Message) {
        self.planned -= 1;
        self.add(seq, message, 0);
    }

    /// Adds what the queue contained when its process ended. Its workers have ended with it, so every
    /// message waits.
    pub(super) fn restore(&mut self, loaded: LoadedQueue) {
        for (seq, message, deliveries) in loaded.messages {
            self.add(seq, message, deliveries);
        }
        let now = Instant::now();
        for (id, left) in loaded.ids {
            // Not longer than the window: the wall clock may have been set back meanwhile.
            self.ids.insert(id, now + left.min(self.settings.dedup_window));
        }
        self.dead = loaded.dead;
    }

    /// Adds a message behind all others.
    fn add(&mut self, seq: Seq, message: Message, deliveries: u32) {
        let partition = message.partition(self.partitions.len());
        self.messages.insert(seq, Stored { message, partition, deliveries, held: None });
        self.partitions[partition].push(seq);
    }

    pub(super) fn apply_delivery(&mut self, ticket: Ticket, job: Job) {
        let Some(stored) = self.messages.get_mut(&ticket.seq) else {
            job.done();
            return;
        };
        let until = Instant::now() + self.settings.ack_wait;
        stored.deliveries = ticket.deliveries;
        stored.held = Some(Held { job, until, delayed: false });
        self.due.insert((until, ticket.seq));
    }

    /// Returns what a worker gets, unless the message was removed in the same transaction.
    pub(super) fn delivered(&self, ticket: Ticket) -> Option<Delivered> {
        let stored = self.messages.get(&ticket.seq)?;
        Some(Delivered { message: stored.message.clone(), ticket })
    }

    pub(super) fn apply_removal(&mut self, seq: Seq) -> Option<Message> {
        let stored = self.messages.remove(&seq)?;
        if let Some(held) = stored.held {
            self.due.remove(&(held.until, seq));
            held.job.done();
        }
        self.partitions[stored.partition].removed();
        Some(stored.message)
    }

    pub(super) fn apply_burial(&mut self, seq: Seq, job: Option<Job>) {
        job.map(Job::done);
        let removed = self.apply_removal(seq);
        self.dead.extend(removed);
    }

    /// Undoes [`plan_store`](Self::plan_store).
    pub(super) fn revert_store(&mut self, message: &Message) {
        self.planned -= 1;
        if let Some(id) = &message.id {
            self.ids.remove(id);
        }
    }

    /// Returns the messages whose time is over to their windows.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.next_due().is_some_and(|until| until <= now) {
            let (_, seq) = self.due.pop_first().expect("it has a first");
            // Dropping the job returns it.
            self.messages.get_mut(&seq).map(|stored| stored.held.take());
        }
    }

    pub(super) fn status(&self) -> Status {
        let with_worker =
            |stored: &&Stored| stored.held.as_ref().is_some_and(|held| !held.delayed);
        let in_flight = self.messages.values().filter(with_worker).count();
        Status {
            waiting: self.messages.len() - in_flight,
            in_flight,
            redelivered: self.messages.values().filter(|s| s.deliveries > 1).count(),
            dead: self.dead.len(),
        }
    }

    pub(super) fn dead_letters(&self) -> Vec<Message> {
        self.dead.clone()
    }

    /// Sets until when a held message is held.
    fn hold(&mut self, seq: Seq, time: Duration, delayed: bool) {
        let held = self.messages.get_mut(&seq).and_then(|stored| stored.held.as_mut());
        let held = held.expect("the delivery is the current one");
        self.due.remove(&(held.until, seq));
        (held.until, held.delayed) = (Instant::now() + time, delayed);
        self.due.insert((held.until, seq));
    }
}
