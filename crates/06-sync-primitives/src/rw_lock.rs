//! A read-write lock admits several readers or one writer, and serves its waiters in FIFO order.
//!
//! asyncio has no such lock; the twin here builds one. Tokio's `RwLock` is fair: a reader that comes
//! after a waiting writer waits behind it, so a stream of readers can never starve a writer.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::RwLock, time::sleep};

/// Some readers, then a writer, then one more reader, 10 ms apart.
pub(crate) async fn run() -> anyhow::Result<()> {
    let readers = knob("readers", 3, 1..=8);
    ask("readers=8", "how much longer does the writer wait?");
    readers_and_writer(readers).await
}

// ANCHOR: rw_lock
async fn readers_and_writer(readers: usize) -> anyhow::Result<()> {
    let page = Arc::new(RwLock::new(1));
    let mut tasks = Vec::new();
    for n in 0..readers {
        tasks.push(tokio::spawn(read(Arc::clone(&page)).lane(format!("reader-{n}"))));
        sleep(10.ms()).await;
    }
    tasks.push(tokio::spawn(write(Arc::clone(&page)).lane("writer")));
    sleep(10.ms()).await;
    tasks.push(tokio::spawn(read(page).lane("late reader")));
    for task in tasks {
        task.await?;
    }
    Ok(())
}

async fn read(page: Arc<RwLock<u32>>) {
    let version = page.read().await;
    sleep(100.ms()).step("reading").await;
    say!("has read version {version}");
}

async fn write(page: Arc<RwLock<u32>>) {
    let mut version = page.write().await;
    sleep(50.ms()).step("writing").await;
    *version += 1;
    say!("has written version {version}");
}
// ANCHOR_END: rw_lock

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///        0         100       200       300
    /// r0 r1  ██████████✓
    /// writer   ░░░░░░░░░░█████✓
    /// late      ░░░░░░░░░░░░░░██████████✓      although the first readers still read
    /// ```
    #[test]
    fn readers_overlap_and_the_late_one_waits_behind_the_writer() {
        virtual_time(async {
            let seen = Transcript::of(readers_and_writer(3)).await;
            assert_eq!(seen.recording().peak("reading"), 3, "{seen}");
            seen.assert_at(120.ms(), "reader-2 has read version 1");
            seen.assert_at(170.ms(), "writer has written version 2");
            seen.assert_at(270.ms(), "late reader has read version 2");
        });
    }

    #[test]
    fn the_writer_waits_only_for_the_readers_before_it() {
        for readers in [1, 3, 8] {
            let seen = virtual_time(Transcript::of(readers_and_writer(readers)));
            assert_eq!(seen.peak("reading"), readers, "{seen}");
            // The readers come 10 ms apart, and the writer waits for the last of them.
            let written = 10 * (readers as u64 - 1) + 100 + 50;
            seen.assert_at(written.ms(), "writer has written version 2");
            seen.assert_at((written + 100).ms(), "late reader has read version 2");
        }
    }
}
