//! What was written is in the file after `flush`, and not before.
//!
//! asyncio and Python: a file object flushes when it is closed, and `with` closes it. Tokio:
//! `drop` cannot wait, so nothing flushes for you. A `BufWriter` loses what it holds; a `File`
//! has handed its bytes to a thread, and drops the answer. That answer may be an error.

use std::{fs, io, path::Path};

use async_kit::say;
use tempfile::tempdir;
use tokio::{
    fs::File,
    io::{AsyncWrite, AsyncWriteExt, BufWriter},
};

use crate::one_thread::{Busy, on_one_thread};

/// Each writer says that all is well. Then somebody looks into the file.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let path = folder.path().join("text");
    forget(BufWriter::new(File::create(&path).await?)).await?;
    say!("a BufWriter, dropped: {:?}", fs::read_to_string(&path)?);
    finish(BufWriter::new(File::create(&path).await?)).await?;
    say!("a BufWriter, flushed: {:?}", fs::read_to_string(&path)?);

    let [at_once, later] = {
        let path = path.clone();
        on_one_thread(async move || seen_after_drop(&path).await).await??
    };
    say!("a File, dropped: {at_once:?} at once, {later:?} later");
    finish(File::create(&path).await?).await?;
    say!("a File, flushed: {:?}", fs::read_to_string(&path)?);

    if cfg!(target_os = "linux") {
        say!("on a full disk, dropped: {}", outcome(forget(full_disk().await?).await));
        say!("on a full disk, flushed: {}", outcome(finish(full_disk().await?).await));
    }
    Ok(())
}

// ANCHOR: flush
async fn forget(mut file: impl AsyncWrite + Unpin) -> io::Result<()> {
    file.write_all(b"important").await
}

async fn finish(mut file: impl AsyncWrite + Unpin) -> io::Result<()> {
    file.write_all(b"important").await?;
    file.flush().await
}
// ANCHOR_END: flush

/// What a reader sees right after a `File` was dropped while the pool was busy, and later.
async fn seen_after_drop(path: &Path) -> anyhow::Result<[String; 2]> {
    let file = File::create(path).await?;
    let busy = Busy::begin();
    forget(file).await?;
    let at_once = fs::read_to_string(path)?;
    busy.end().await?;
    Ok([at_once, fs::read_to_string(path)?])
}

/// A device of Linux that has no room for anything.
async fn full_disk() -> io::Result<File> {
    File::options().write(true).open("/dev/full").await
}

fn outcome(result: io::Result<()>) -> String {
    result.map_or_else(|error| error.to_string(), |()| "all is well".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn content_after(buffered: bool, flushed: bool) -> String {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        let file = File::create(&path).await.expect("a file");
        let written = match (buffered, flushed) {
            (true, true) => finish(BufWriter::new(file)).await,
            (true, false) => forget(BufWriter::new(file)).await,
            (false, _) => finish(file).await,
        };
        written.expect("it says that all is well");
        fs::read_to_string(&path).expect("it is there")
    }

    #[tokio::test]
    async fn a_buffer_dropped_without_flush_loses_what_it_holds() {
        assert_eq!(content_after(true, false).await, "");
        assert_eq!(content_after(true, true).await, "important");
    }

    #[tokio::test]
    async fn after_its_flush_a_file_holds_what_was_written() {
        assert_eq!(content_after(false, true).await, "important");
    }

    #[tokio::test]
    async fn a_file_dropped_without_flush_may_still_be_empty() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        let seen = on_one_thread(async move || seen_after_drop(&path).await);
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["", "important"]);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_flush_tells_that_the_disk_is_full() {
        let dropped = forget(full_disk().await.expect("it opens")).await;
        assert!(dropped.is_ok(), "{dropped:?}");
        let flushed = finish(full_disk().await.expect("it opens")).await;
        let error = flushed.expect_err("there is no room");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
    }
}
