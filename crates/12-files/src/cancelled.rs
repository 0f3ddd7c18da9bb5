//! A cancelled `tokio::fs::write` may still write; a cancelled atomic write leaves the old file.
//!
//! asyncio: cancelling `await asyncio.to_thread(path.write_text, …)` ends the wait and not the
//! thread. Tokio: `fs::write` is one call on a thread of the blocking pool. Once it is handed
//! over, dropping the future only throws away the answer: the write begins, or goes on, without
//! a listener. What protects a file is that the last step, the rename, is never asked for.

use std::{fs, path::Path};

use async_kit::{Lane, atomic_write, say};
use futures::FutureExt;
use tempfile::tempdir;

use crate::one_thread::{Busy, on_one_thread};

/// Two writes are handed to a busy pool and dropped; then the pool has time for them.
pub(crate) async fn run() -> anyhow::Result<()> {
    on_one_thread(async || {
        let folder = tempdir()?;
        let path = folder.path().join("text");
        let plain = tokio::fs::write(&path, "new").lane("fs::write");
        tell("fs::write", &after_giving_up(plain, &path).await?);
        let atomic = atomic_write(&path, "new").lane("atomic_write");
        tell("atomic_write", &after_giving_up(atomic, &path).await?);
        Ok(())
    })
    .await?
}

// ANCHOR: cancelled
/// The content when the write was dropped, and the content when the pool had come to rest.
async fn after_giving_up<F: Future>(
    write: F,
    path: &Path,
) -> anyhow::Result<[String; 2]> {
    fs::write(path, "old")?;
    let busy = Busy::begin();
    // Polled once, it puts its call into the queue of the pool; then it is dropped.
    let answer = write.now_or_never();
    assert!(
        answer.is_none(),
        "the only thread is busy, so nothing can have been written"
    );
    let dropped = fs::read_to_string(path)?;
    busy.end().await?;
    Ok([dropped, fs::read_to_string(path)?])
}
// ANCHOR_END: cancelled

fn tell(name: &str, [dropped, later]: &[String; 2]) {
    say!("{name}: {dropped:?} when it was dropped, {later:?} later");
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
        let entries = fs::read_dir(folder).expect("the folder is there");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.to_string_lossy().into()).collect()
    }

    #[tokio::test]
    async fn a_plain_write_goes_on_after_it_was_dropped() {
        let seen = on_one_thread(async || {
            let (_folder, path) = file();
            after_giving_up(tokio::fs::write(&path, "new"), &path).await
        });
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["old", "new"]);
    }

    #[tokio::test]
    async fn an_atomic_write_leaves_the_old_file_and_no_other() {
        let (folder, path) = file();
        let seen = on_one_thread(async move || {
            after_giving_up(atomic_write(&path, "new"), &path).await
        });
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["old", "old"]);
        assert_eq!(names(folder.path()), ["text"]);
    }
}
