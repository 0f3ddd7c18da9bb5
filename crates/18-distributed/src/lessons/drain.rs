//! After SIGTERM a worker asks for nothing new, finishes its letter, acknowledges it, and exits with 0.
//!
//! In a process, the end of the queue ends its workers: `close`, and `recv` returns `None`. A shared
//! queue never ends; the workers do, one after the other, at each new version of the program. systemd,
//! Kubernetes and Docker send SIGTERM, wait for a grace period, then kill. A worker that only dies loses
//! nothing, but its letter waits for `ack_wait` and is delivered again. A worker that drains costs
//! no delivery. Lost: one `close` for all. Won: the queue never stops while every worker is replaced.
//!
//! A worker whose letter takes longer than its grace period stops the work and exits with 1, and its
//! letter returns. asyncio: `loop.add_signal_handler`. Tokio: `signal(SignalKind::terminate())`. Windows
//! has no SIGTERM.
#![cfg(not(target_family = "wasm"))]

use std::{collections::VecDeque, path::Path};

use anyhow::{Context, ensure};
use async_kit::{Millis, say};
use distributed::{Effects, Location, Settings};
use futures::future::select_all;
use tokio::{select, time::sleep, try_join};

use super::{
    children::{QueueAt, Role, Running},
    namespace::{effects_folder, open_effects, with_children},
};

const LETTERS: usize = 12;

/// Workers are replaced while they deliver letters, and one has a letter that takes too long.
pub(crate) async fn run() -> anyhow::Result<()> {
    if cfg!(not(unix)) {
        say!("this system has no SIGTERM, so there is nothing to see");
        return Ok(());
    }
    let folder = effects_folder()?;
    let file = folder.path().join("effects.db");
    with_children(async |namespace| {
        let location = &namespace.location;
        let settings = Settings::default();
        let letters = QueueAt { location, name: "letters", settings: &settings };
        rolling_restart(letters, &file).await?;
        let settings = Settings { ack_wait: 300.ms(), ..Settings::default() };
        let long = QueueAt { location, name: "long", settings: &settings };
        beyond_its_grace_period(long, &file).await
    })
    .await
}

// ANCHOR: drain
/// Replaces each worker while letters are published. Only one process can open the embedded queue: there
/// the letters are published before, and one worker is replaced.
async fn rolling_restart(queue: QueueAt<'_>, file: &Path) -> anyhow::Result<()> {
    let publisher = Role::publisher(1, LETTERS).with("--pause-ms=20");
    let mut publisher = publisher.start(queue, "publisher")?;
    if let Location::Embedded { .. } = queue.location {
        say!("only one process can open it: first the publisher, then one worker");
        publisher.succeeded().await?;
        return replace_all(queue, file, &["worker-1"]).await;
    }
    publisher.printed("letter-1 is acknowledged").await?;
    let workers = ["worker-1", "worker-2"];
    try_join!(publisher.succeeded(), replace_all(queue, file, &workers)).map(drop)
}

/// Replaces each of these workers while it delivers letters.
async fn replace_all(
    queue: QueueAt<'_>,
    file: &Path,
    names: &[&str],
) -> anyhow::Result<()> {
    let effects = open_effects(queue.location, file).await?;
    let start = |name: &str, version: u32| {
        let worker = Role::worker(file).with("--takes-ms=40");
        worker.start(queue, format!("{name} v{version}"))
    };
    let mut workers = VecDeque::new();
    for name in names {
        workers.push_back(start(name, 1)?);
    }
    let mut lines = Vec::new();
    for (n, name) in names.iter().enumerate() {
        delivered(&effects, (n + 1) * LETTERS / (names.len() + 1), &mut workers).await?;
        let oldest = workers.pop_front().expect("one with each name");
        lines.extend(drained(oldest).await?);
        workers.push_back(start(name, 2)?);
    }
    delivered(&effects, LETTERS, &mut workers).await?;
    for worker in workers {
        lines.extend(drained(worker).await?);
    }
    let deliveries = lines.iter().filter(|line| line.starts_with("takes")).count();
    say!("{} letters, {deliveries} deliveries", effects.list().await?.len());
    Ok(())
}

/// Sends SIGTERM, and waits until the worker has finished its letter.
async fn drained(worker: Running) -> anyhow::Result<Vec<String>> {
    let (lines, code) = worker.terminated().await?;
    ensure!(code == Some(0), "the worker has ended with {code:?}");
    Ok(lines)
}

/// Waits until this number of letters is delivered. It is an error if a worker has ended by then.
async fn delivered(
    effects: &Effects,
    letters: usize,
    workers: &mut VecDeque<Running>,
) -> anyhow::Result<()> {
    let delivered = async {
        while effects.list().await?.len() < letters {
            sleep(5.ms()).await;
        }
        anyhow::Ok(())
    };
    let ends = workers.iter_mut().map(|worker| Box::pin(worker.early_end()));
    select! {
        delivered = delivered => delivered,
        (error, ..) = select_all(ends) => Err(error),
    }
}

/// The letter takes a minute, and the grace period is 100 ms. The next worker gets the letter.
async fn beyond_its_grace_period(queue: QueueAt<'_>, file: &Path) -> anyhow::Result<()> {
    Role::publisher(99, 99).start(queue, "publisher")?.succeeded().await?;
    let slow = Role::worker(file).with("--takes-ms=60000").with("--grace-ms=100");
    let mut slow = slow.start(queue, "slow")?;
    slow.printed("takes").await?;
    let (_, code) = slow.terminated().await?;
    say!("the slow worker exits with {}", code.context("a signal has ended it")?);
    let next = Role::worker(file).with("--stop-at=acked");
    next.start(queue, "next")?.killed().await?;
    Ok(())
}
// ANCHOR_END: drain
