//! A job is delivered at least once, and its effect happens once if a key makes it idempotent.
//!
//! In a process, a job and its effect end together. Between processes there are always two steps, the
//! effect and the acknowledgement, and a worker can be killed between them. If it acknowledges first,
//! the effect can be lost; if last, it can happen twice. No broker can change that, because it does not
//! know the effect: "exactly once" is a property of the effect. The id of a message makes its publication
//! idempotent too, for as long as the broker remembers it.
//!
//! asyncio and Tokio: the same. In the API of Stripe the key is the `Idempotency-Key`, in a database it is a
//! primary key.
#![cfg(not(target_family = "wasm"))]

use std::{path::Path, sync::Arc};

use async_kit::{Millis, say};
use distributed::{Broker, Location, Message, Settings};
use tokio::time::sleep;

use super::{
    children::{QueueAt, Role},
    namespace::{effects_folder, open_effects, with_children},
};

/// Workers are killed between effect and acknowledgement; and a letter is published twice.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = effects_folder()?;
    let file = folder.path().join("effects.db");
    with_children(async |namespace| {
        let location = &namespace.location;
        deliver(location, &file, Letter { number: 1, keyed: false }).await?;
        deliver(location, &file, Letter { number: 2, keyed: true }).await?;
        publish_twice(&location.open().await?).await
    })
    .await
}

struct Letter {
    number: usize,
    keyed: bool,
}

// ANCHOR: effects
/// One letter and two workers: the first one is killed before it acknowledges.
async fn deliver(location: &Location, file: &Path, letter: Letter) -> anyhow::Result<()> {
    let settings = Settings { ack_wait: 300.ms(), ..Settings::default() };
    let Letter { number, keyed } = letter;
    let name = if keyed { "keyed" } else { "unkeyed" };
    let queue = QueueAt { location, name, settings: &settings };
    Role::publisher(number, number).start(queue, "publisher")?.succeeded().await?;
    for (n, step) in ["committed", "acked"].iter().enumerate() {
        let worker = Role::worker(file).with(format!("--stop-at={step}"));
        let worker = if keyed { worker } else { worker.with("--unkeyed") };
        worker.start(queue, format!("{name}-{}", n + 1))?.killed().await?;
    }
    let effects = open_effects(location, file).await?;
    let letter = format!("letter-{number}");
    let times = effects.list().await?.iter().filter(|effect| **effect == letter).count();
    say!("{name}: effects of {letter}: {times}");
    effects.close().await;
    Ok(())
}
// ANCHOR_END: effects

// ANCHOR: publish_twice
/// A second letter with the same id is not stored, as long as the broker remembers the first one.
async fn publish_twice(broker: &Arc<dyn Broker>) -> anyhow::Result<()> {
    let dedup_window = 500.ms();
    let settings = Settings { dedup_window, ..Settings::default() };
    let queue = broker.queue("window", settings).await?;
    let letter = Message::new("Dear Ada").id("letter-3");
    let publish = async || {
        let receipt = queue.publish_one(letter.clone()).await?;
        let result = if receipt.duplicate { "is a duplicate" } else { "is stored" };
        let stored = queue.status().await?.waiting;
        say!("a letter with the id letter-3 {result}; letters in the queue: {stored}");
        anyhow::Ok(())
    };
    publish().await?;
    publish().await?;
    sleep(600.ms()).await;
    say!("the broker has remembered the id for {dedup_window:?}");
    publish().await
}
// ANCHOR_END: publish_twice
