//! The task that owns the queues commits what waits in its channel in one transaction.

use tokio::{sync::mpsc, time::sleep_until};

use super::{
    MOST_WAITING,
    answer::Answer,
    change::{Change, Key, Seq},
    command::{Command, Write},
    failure::Failure,
    log_state::LogState,
    partition::Window,
    state::State,
    store::Store,
};
use crate::{BrokerError, Settings};

pub(super) struct Keeper {
    commands: mpsc::Receiver<Command>,
    state: State,
    store: Store,
}

impl Keeper {
    pub(super) fn new(
        commands: mpsc::Receiver<Command>,
        store: Store,
        next_seq: Seq,
    ) -> Self {
        Self { commands, state: State::new(next_seq), store }
    }

    /// Executes commands until the last handle is dropped.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::new();
        while self.next_batch(&mut batch).await {
            let mut writes = Vec::new();
            for command in batch.drain(..) {
                match command {
                    Command::Write(write) => writes.push(write),
                    other => {
                        self.write(std::mem::take(&mut writes)).await;
                        self.execute(other).await;
                    }
                }
            }
            self.write(writes).await;
        }
        self.store.close().await;
    }

    /// Waits for commands, and returns messages to their queues meanwhile. Returns `false` if no handle
    /// is left.
    async fn next_batch(&mut self, batch: &mut Vec<Command>) -> bool {
        loop {
            let due = self.state.next_due();
            tokio::select! {
                // A command of the moment in which a message returns comes first: a worker that settles
                // in time is not late because many others do the same.
                biased;
                received = self.commands.recv_many(batch, MOST_WAITING) => return received > 0,
                () = async { sleep_until(due.expect("it is enabled")).await }, if due.is_some() => {
                    self.state.expire();
                }
            }
        }
    }

    // ANCHOR: write
    /// Executes commands that share a transaction, and answers them after its commit.
    async fn write(&mut self, writes: Vec<Write>) {
        let mut changes = Vec::new();
        let plan = |write| self.state.plan(write, &mut changes);
        let answers: Vec<Answer> = writes.into_iter().map(plan).collect();
        let committed = self.commit(changes).await;
        // A message that was returned without a delay is in its queue before its worker has the answer.
        self.state.expire();
        answers.into_iter().for_each(|answer| answer.send(&committed, &self.state));
    }

    /// Stores the changes, and then makes them in memory. If they are not stored, forgets them.
    async fn commit(&mut self, changes: Vec<Change>) -> Result<(), Failure> {
        let committed = self.store.commit(&changes).await;
        for change in changes {
            match committed {
                Ok(()) => self.state.apply(change),
                Err(_) => self.state.revert(change),
            }
        }
        committed
    }
    // ANCHOR_END: write

    async fn execute(&mut self, command: Command) {
        // What is due by now is back in its queue, although the timer may be late.
        self.state.expire();
        // If the caller does not wait any more, its answer is dropped.
        match command {
            Command::Write(_) => unreachable!("writes are collected"),
            Command::OpenQueue { name, settings, reply } => {
                let _ = reply.send(self.open_queue(&name, settings).await);
            }
            Command::OpenLog { name, reply } => {
                let _ = reply.send(self.open_log(&name).await);
            }
            Command::Status { queue, reply } => {
                let status = self.state.queue(queue).map(|queue| queue.status());
                let _ = reply.send(status.map_err(BrokerError::from));
            }
            Command::DeadLetters { queue, reply } => {
                let dead = self.state.queue(queue).map(|queue| queue.dead_letters());
                let _ = reply.send(dead.map_err(BrokerError::from));
            }
            Command::Read { log, after, max, reply } => {
                let entries = self.state.log(log).map(|log| log.read(after, max));
                let _ = reply.send(entries.map_err(BrokerError::from));
            }
            Command::Remove { reply } => {
                let removed = self.commit(vec![Change::Clear]).await;
                let _ = reply.send(removed.map_err(BrokerError::from));
            }
        }
    }

    async fn open_queue(
        &mut self,
        name: &str,
        settings: Settings,
    ) -> Result<(Key, Vec<Window>), BrokerError> {
        if let Some(open) = self.state.queue_named(name, &settings)? {
            return Ok((open.key, open.windows()));
        }
        let loaded = self.store.load_queue(name).await?;
        let queue = self.state.add_queue(name, settings);
        queue.restore(loaded);
        Ok((queue.key, queue.windows()))
    }

    async fn open_log(&mut self, name: &str) -> Result<Key, BrokerError> {
        if let Some(key) = self.state.log_named(name) {
            return Ok(key);
        }
        let entries = self.store.load_log(name).await?;
        Ok(self.state.add_log(LogState::new(name.into(), entries)))
    }
}
