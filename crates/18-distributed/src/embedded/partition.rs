//! Workers receive only the first `max_ack_pending` messages of a partition that are not yet removed.
//!
//! These messages are its window, a [`WorkQueue`]: those that wait, and those that a worker holds as a
//! [`Job`](async_kit::Job). The others wait in the backlog. A message that returns to the window returns to
//! its old position.

use std::collections::VecDeque;

use async_kit::WorkQueue;
use futures::FutureExt;
use tokio::task::coop::unconstrained;

use super::change::Seq;

/// Where workers wait for the messages of a partition.
pub(super) type Window = WorkQueue<Seq>;

#[derive(Debug)]
pub(super) struct Partition {
    window: Window,
    backlog: VecDeque<Seq>,
    /// How many more messages may enter the window.
    room: usize,
}

impl Partition {
    pub(super) fn new(max_ack_pending: usize) -> Self {
        // This module counts both the room and the deliveries: a count of the `WorkQueue` would not
        // survive its process.
        let window = WorkQueue::bounded(usize::MAX).max_deliveries(u32::MAX);
        Self { window, backlog: VecDeque::new(), room: max_ack_pending }
    }

    pub(super) fn window(&self) -> Window {
        self.window.clone()
    }

    /// Adds a message behind all others.
    pub(super) fn push(&mut self, seq: Seq) {
        self.backlog.push_back(seq);
        self.fill();
    }

    /// Reports that a message of the window was removed from the queue, so that another may enter. If
    /// the removed one waits in the window, it stays there until a worker finds it removed.
    pub(super) fn removed(&mut self) {
        self.room += 1;
        self.fill();
    }

    fn fill(&mut self) {
        while self.room > 0
            && let Some(seq) = self.backlog.pop_front()
        {
            self.room -= 1;
            // `unconstrained`: without it, Tokio's cooperative budget would make a busy task wait.
            let sent = unconstrained(self.window.send(seq)).now_or_never();
            assert!(matches!(sent, Some(Ok(()))), "the window is open and has room");
        }
    }
}

impl Drop for Partition {
    /// Ends the wait of every worker. What is left in the window is refused when a worker takes it.
    fn drop(&mut self) {
        self.window.close();
    }
}
