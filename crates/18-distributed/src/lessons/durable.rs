//! A letter that was acknowledged survives `kill -9`; any other letter may be lost.
//!
//! In a process, an item is in the queue when `send` returns, and lost when the process ends. Here a
//! letter is sent to another process, so there are two moments: it has left the publisher, and the broker
//! has stored it. `publish_and_forget` returns at the first one. `publish` waits for the second one: a
//! round trip, and a write to the disk. Lost: the speed of a `send`. Won: the letter outlives both
//! processes.
//!
//! A publisher that was killed before it read the acknowledgement does not know whether the letter is
//! stored. It publishes the letter again, with the same id, and the broker stores it once.
//!
//! A worker that was killed before its acknowledgement has lost nothing either: its letter returns, from a
//! server after `ack_wait`. The embedded queue is part of the killed process, so with the next process all
//! letters return immediately.
//!
//! A `kill -9` leaves no time for `finally` or `Drop`. A power failure may also lose what the broker has
//! written and the disk has not; each broker has its own setting for that.
#![cfg(not(target_family = "wasm"))]

use std::path::Path;

use async_kit::{Millis, say};
use distributed::Settings;

use super::{
    children::{QueueAt, Role},
    namespace::{effects_folder, with_children},
};

/// Kills publishers and workers at one step after the other, and prints what is left in the queue.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = effects_folder()?;
    with_children(async |namespace| {
        let location = &namespace.location;
        let settings = Settings { ack_wait: 300.ms(), ..Settings::default() };
        let queue = |name| QueueAt { location, name, settings: &settings };
        forgotten(queue("forgotten")).await?;
        acknowledged(queue("letters")).await?;
        received(queue("letters"), &folder.path().join("effects.db")).await
    })
    .await
}

// ANCHOR: durable
/// The calls have returned, but the letters may still be in the memory of the killed process.
async fn forgotten(queue: QueueAt<'_>) -> anyhow::Result<()> {
    let publisher = Role::publisher(1, 5).with("--forget").start(queue, "forgets")?;
    let sent = publisher.killed().await?.len();
    say!("{sent} letters were sent, {} are in the queue", count(queue).await?);
    Ok(())
}

/// The first publisher is killed before it can report letter 3. The second one publishes it again.
async fn acknowledged(queue: QueueAt<'_>) -> anyhow::Result<()> {
    let publisher = Role::publisher(1, 3).with("--stop-at=stored");
    let known = publisher.start(queue, "publisher-1")?.killed().await?.len();
    say!("{known} letters are acknowledged, {} are in the queue", count(queue).await?);
    let publisher = Role::publisher(known + 1, 5).with("--stop-at=acknowledged");
    let known = known + publisher.start(queue, "publisher-2")?.killed().await?.len();
    say!("{known} letters are acknowledged, {} are in the queue", count(queue).await?);
    Ok(())
}

/// A worker is killed before its acknowledgement, and another one after it.
async fn received(queue: QueueAt<'_>, effects: &Path) -> anyhow::Result<()> {
    for (n, step) in ["received", "acked"].iter().enumerate() {
        let worker = Role::worker(effects).with(format!("--stop-at={step}"));
        worker.start(queue, format!("worker-{}", n + 1))?.killed().await?;
        say!("{} letters are in the queue", count(queue).await?);
    }
    Ok(())
}
// ANCHOR_END: durable

/// How many letters are in the queue, those that a dead worker holds included.
async fn count(queue: QueueAt<'_>) -> anyhow::Result<usize> {
    let broker = queue.location.open().await?;
    let queue = broker.queue(queue.name, queue.settings.clone()).await?;
    let status = queue.status().await?;
    Ok(status.waiting + status.in_flight)
}
