//! A cancelled `tokio::fs::write` may still write; a cancelled atomic write leaves the old file.
//!
//! asyncio: cancelling `await asyncio.to_thread(path.write_text, …)` ends the wait and not the
//! thread. Tokio: `fs::write` is one call on a thread of the blocking pool. Once the call is
//! queued, dropping the future discards only the result: the write still starts, or continues.
//! An atomic write is safe because a dropped future never queues the last step, the rename.

#![cfg(not(target_family = "wasm"))]

use std::{fs, path::Path};

use async_kit::{Lane, atomic_write, say};
use futures::FutureExt;
use tempfile::tempdir;

use crate::one_blocking_thread::{BusyThread, on_one_blocking_thread};

/// Two writes are queued in a busy pool and dropped; then the pool becomes free.
pub(crate) async fn run() -> anyhow::Result<()> {
    on_one_blocking_thread(async || {
        let folder = tempdir()?;
        let path = folder.path().join("text");
        let plain = tokio::fs::write(&path, "new").lane("fs::write");
        report("fs::write", &contents_after_drop(plain, &path).await?);
        let atomic = atomic_write(&path, "new").lane("atomic_write");
        report("atomic_write", &contents_after_drop(atomic, &path).await?);
        Ok(())
    })
    .await?
}

// ANCHOR: cancelled
/// The content directly after the write was dropped, and after the pool ran its queued calls.
async fn contents_after_drop<F: Future>(
    write: F,
    path: &Path,
) -> anyhow::Result<[String; 2]> {
    fs::write(path, "old")?;
    let busy = BusyThread::start();
    // The first poll puts the call into the queue of the pool; then the future is dropped.
    let result = write.now_or_never();
    assert!(
        result.is_none(),
        "the only thread is busy, so nothing can have been written"
    );
    let dropped = fs::read_to_string(path)?;
    busy.free().await?;
    Ok([dropped, fs::read_to_string(path)?])
}
// ANCHOR_END: cancelled

fn report(name: &str, [dropped, later]: &[String; 2]) {
    say!("{name}: {dropped:?} directly after the drop, {later:?} later");
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    fn file() -> (TempDir, PathBuf) {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder exists");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.to_string_lossy().into()).collect()
    }

    #[tokio::test]
    async fn a_plain_write_happens_after_it_was_dropped() {
        let seen = on_one_blocking_thread(async || {
            let (_folder, path) = file();
            contents_after_drop(tokio::fs::write(&path, "new"), &path).await
        });
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["old", "new"]);
    }

    #[tokio::test]
    async fn an_atomic_write_leaves_the_old_file_and_no_other() {
        let (folder, path) = file();
        let seen = on_one_blocking_thread(async move || {
            contents_after_drop(atomic_write(&path, "new"), &path).await
        });
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["old", "old"]);
        assert_eq!(names(folder.path()), ["text"]);
    }
}
