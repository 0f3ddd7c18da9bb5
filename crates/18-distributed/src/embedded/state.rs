//! No worker sees a change of the queues in memory before the change is committed.

use std::{collections::HashMap, sync::Arc};

use tokio::time::Instant;

use super::{
    answer::Answer,
    change::{Change, Key, Seq},
    command::Write,
    failure::Failure,
    log_state::LogState,
    queue_state::QueueState,
};
use crate::{AppendError, BrokerError, Settings};

pub(super) struct State {
    queues: HashMap<Key, QueueState>,
    logs: HashMap<Key, LogState>,
    last_key: Key,
    /// The number of the next message of any queue.
    next_seq: Seq,
}

impl State {
    pub(super) fn new(next_seq: Seq) -> Self {
        Self { queues: HashMap::new(), logs: HashMap::new(), last_key: 0, next_seq }
    }

    /// Finds the open queue of this name.
    pub(super) fn queue_named(
        &self,
        name: &str,
        settings: &Settings,
    ) -> Result<Option<&QueueState>, BrokerError> {
        match self.queues.values().find(|queue| &*queue.name == name) {
            Some(queue) if queue.settings != *settings => Err(BrokerError::Settings(
                "this process has opened the queue with other settings",
            )),
            found => Ok(found),
        }
    }

    pub(super) fn log_named(&self, name: &str) -> Option<Key> {
        let mut logs = self.logs.iter();
        logs.find(|(_, log)| &*log.name == name).map(|(key, _)| *key)
    }

    pub(super) fn add_queue(
        &mut self,
        name: &str,
        settings: Settings,
    ) -> &mut QueueState {
        self.last_key += 1;
        let queue = QueueState::new(self.last_key, Arc::from(name), settings);
        self.queues.entry(self.last_key).or_insert(queue)
    }

    pub(super) fn add_log(&mut self, log: LogState) -> Key {
        self.last_key += 1;
        self.logs.insert(self.last_key, log);
        self.last_key
    }

    pub(super) fn queue(&self, key: Key) -> Result<&QueueState, Failure> {
        self.queues.get(&key).ok_or(Failure::Removed)
    }

    pub(super) fn log(&self, key: Key) -> Result<&LogState, Failure> {
        self.logs.get(&key).ok_or(Failure::Removed)
    }

    /// When the next held message of any queue returns.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.queues.values().filter_map(QueueState::next_due).min()
    }

    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        self.queues.values_mut().for_each(|queue| queue.expire(now));
    }

    /// Adds what a command changes to `changes`, and returns the answer to give once they are committed.
    pub(super) fn plan(&mut self, write: Write, changes: &mut Vec<Change>) -> Answer {
        match write {
            Write::Publish { queue, messages, reply } => {
                let queue = self.queues.get_mut(&queue);
                let Some(queue) = queue else {
                    let removed = messages.iter().map(|_| Err(Failure::Removed.into()));
                    return Answer::Published { results: removed.collect(), reply };
                };
                let store =
                    |message| queue.plan_store(message, &mut self.next_seq, changes);
                let results = messages.into_iter().map(store).collect();
                Answer::Published { results, reply }
            }
            Write::Deliver { jobs, reply, .. } if reply.is_closed() => {
                // The worker does not wait any more. Dropping the jobs returns the messages.
                drop(jobs);
                Answer::None
            }
            Write::Deliver { queue: key, jobs, reply } => {
                let Some(queue) = self.queues.get(&key) else {
                    jobs.into_iter().for_each(|job| {
                        job.done();
                    });
                    return Answer::Removed { reply };
                };
                let planned = jobs.into_iter().filter_map(|job| queue.plan_delivery(job));
                let before = changes.len();
                changes.extend(planned);
                let tickets =
                    changes[before..].iter().filter_map(|change| match change {
                        Change::Deliver { ticket, .. } => Some(*ticket),
                        _ => None,
                    });
                Answer::Delivered { queue: key, tickets: tickets.collect(), reply }
            }
            Write::Settle { queue, tickets, how, reply } => {
                let before = changes.len();
                if let Some(queue) = self.queues.get_mut(&queue) {
                    let planned = tickets.into_iter();
                    changes.extend(planned.filter_map(|t| queue.plan_settle(t, how)));
                }
                Answer::Settled { stored: changes.len() > before, reply }
            }
            Write::Append { log: key, after, body, reply } => {
                let log = self.logs.get_mut(&key).ok_or(Failure::Removed);
                let result = log.map_err(AppendError::from).and_then(|log| {
                    let number = log.plan(after, body.len())?;
                    let name = Arc::clone(&log.name);
                    changes.push(Change::Append { log: key, name, number, body });
                    Ok(number)
                });
                Answer::Appended { result, reply }
            }
        }
    }

    /// Makes a committed change. A queue cannot be removed between its plan and this.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Store { queue, seq, message, .. } => {
                self.open_queue(queue).apply_store(seq, message);
            }
            Change::Deliver { queue, ticket, job } => {
                self.open_queue(queue).apply_delivery(ticket, job);
            }
            Change::Remove { queue, seq } => {
                self.open_queue(queue).apply_removal(seq);
            }
            Change::MoveToDeadLetters { queue, seq, job } => {
                self.open_queue(queue).apply_burial(seq, job);
            }
            Change::Append { log, body, .. } => self.open_log(log).apply(body),
            Change::Clear => {
                self.queues.clear();
                self.logs.clear();
            }
        }
    }

    /// Forgets a change that was not committed. A message that was about to be delivered returns to its
    /// queue, because its job is dropped.
    pub(super) fn revert(&mut self, change: Change) {
        match change {
            Change::Store { queue, message, .. } => {
                self.open_queue(queue).revert_store(&message);
            }
            Change::Append { log, .. } => self.open_log(log).revert(),
            Change::Deliver { .. }
            | Change::Remove { .. }
            | Change::MoveToDeadLetters { .. }
            | Change::Clear => {}
        }
    }

    fn open_queue(&mut self, key: Key) -> &mut QueueState {
        self.queues.get_mut(&key).expect("the queue is open")
    }

    fn open_log(&mut self, key: Key) -> &mut LogState {
        self.logs.get_mut(&key).expect("the log is open")
    }
}
