//! A task that is not awaited is dropped when the program ends, even in the middle of its work.
//!
//! asyncio: `asyncio.run` cancels the remaining tasks and waits for their `finally` blocks. Tokio: the
//! runtime drops the remaining tasks at their current await, and their cleanup code cannot await. A
//! `TaskTracker` is the simplest way to wait for tasks if you do not need their results.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// Files are saved, 100 ms each. The end of the section plays the role of the end of a program.
pub(crate) async fn run() -> anyhow::Result<()> {
    let files = knob("files", 3, 1..=5_usize);
    ask("files=5", "how many files are saved if they are not waited for?");
    let saved = Arc::default();
    right(files, &saved).await;
    say!("waited for: {} of {files} files are saved", saved.load(Relaxed));

    let saved = Arc::default();
    wrong(files, &saved).await;
    say!("not waited for: {} of {files} files are saved", saved.load(Relaxed));
    Ok(())
}

// ANCHOR: orphan
async fn wrong(files: usize, saved: &Arc<AtomicUsize>) {
    for n in 1..=files {
        tokio::spawn(save(Arc::clone(saved)).lane(format!("wrong-{n}")));
    }
    other_work().await;
}

async fn right(files: usize, saved: &Arc<AtomicUsize>) {
    let saving = TaskTracker::new();
    for n in 1..=files {
        saving.spawn(save(Arc::clone(saved)).lane(format!("right-{n}")));
    }
    other_work().await;
    saving.close();
    saving.wait().await;
}
// ANCHOR_END: orphan

async fn save(saved: Arc<AtomicUsize>) {
    sleep(100.ms()).step("saving").await;
    saved.fetch_add(1, Relaxed);
}

async fn other_work() {
    sleep(50.ms()).await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn waiting_saves_every_file_and_not_waiting_saves_none() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.100s] waited for: 3 of 3 files are saved",
            "[  0.150s] not waited for: 0 of 3 files are saved",
        ]);
    }

    #[test]
    fn dropping_the_runtime_drops_each_task_in_the_middle_of_its_work() {
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.unwrap();
        let saved = Arc::default();
        runtime.block_on(wrong(3, &saved));
        assert_eq!(Arc::strong_count(&saved), 4, "three tasks are still running");
        drop(runtime);
        assert_eq!(Arc::strong_count(&saved), 1, "a task outlived the runtime");
        assert_eq!(saved.load(Relaxed), 0, "a task has saved its file");
    }
}
