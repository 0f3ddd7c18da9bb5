//! Written bytes are certain to be in the file only after `flush`.
//!
//! asyncio and Python: a file object flushes when it is closed, and `with` closes it. Tokio:
//! `drop` cannot await, so it does not flush. A dropped `BufWriter` loses the bytes in its buffer.
//! A dropped `File` has sent its bytes to a thread, but drops the result, which may be an error.

#![cfg(not(target_family = "wasm"))]

use std::{fs, io, path::Path};

use async_kit::say;
use tempfile::tempdir;
use tokio::{
    fs::File,
    io::{AsyncWrite, AsyncWriteExt, BufWriter},
};

use crate::one_blocking_thread::{BusyThread, on_one_blocking_thread};

/// No write reports an error; then the content of the file shows which bytes arrived.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let path = folder.path().join("text");
    write_only(BufWriter::new(File::create(&path).await?)).await?;
    say!("a BufWriter, dropped: {:?}", fs::read_to_string(&path)?);
    write_and_flush(BufWriter::new(File::create(&path).await?)).await?;
    say!("a BufWriter, flushed: {:?}", fs::read_to_string(&path)?);

    let [immediately, later] = {
        let path = path.clone();
        on_one_blocking_thread(async move || seen_after_drop(&path).await).await??
    };
    say!("a File, dropped: {immediately:?} immediately, {later:?} later");
    write_and_flush(File::create(&path).await?).await?;
    say!("a File, flushed: {:?}", fs::read_to_string(&path)?);

    if cfg!(target_os = "linux") {
        say!(
            "on a full disk, dropped: {}",
            outcome(write_only(full_disk().await?).await)
        );
        say!(
            "on a full disk, flushed: {}",
            outcome(write_and_flush(full_disk().await?).await)
        );
    }
    Ok(())
}

// ANCHOR: flush
async fn write_only(mut file: impl AsyncWrite + Unpin) -> io::Result<()> {
    file.write_all(b"important").await
}

async fn write_and_flush(mut file: impl AsyncWrite + Unpin) -> io::Result<()> {
    file.write_all(b"important").await?;
    file.flush().await
}
// ANCHOR_END: flush

/// The content directly after a `File` was dropped while the pool was busy, and later.
async fn seen_after_drop(path: &Path) -> anyhow::Result<[String; 2]> {
    let file = File::create(path).await?;
    let busy = BusyThread::start();
    write_only(file).await?;
    let immediately = fs::read_to_string(path)?;
    busy.free().await?;
    Ok([immediately, fs::read_to_string(path)?])
}

/// A Linux device on which every write fails, because it has no space.
async fn full_disk() -> io::Result<File> {
    File::options().write(true).open("/dev/full").await
}

fn outcome(result: io::Result<()>) -> String {
    result.map_or_else(|error| error.to_string(), |()| "no error".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn content_after(buffered: bool, flushed: bool) -> String {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        let file = File::create(&path).await.expect("a file");
        let written = match (buffered, flushed) {
            (true, true) => write_and_flush(BufWriter::new(file)).await,
            (true, false) => write_only(BufWriter::new(file)).await,
            (false, _) => write_and_flush(file).await,
        };
        written.expect("the write reports no error");
        fs::read_to_string(&path).expect("the file exists")
    }

    #[tokio::test]
    async fn a_buffer_dropped_without_flush_loses_its_bytes() {
        assert_eq!(content_after(true, false).await, "");
        assert_eq!(content_after(true, true).await, "important");
    }

    #[tokio::test]
    async fn after_flush_a_file_contains_the_written_bytes() {
        assert_eq!(content_after(false, true).await, "important");
    }

    #[tokio::test]
    async fn a_file_dropped_without_flush_may_still_be_empty() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        let seen = on_one_blocking_thread(async move || seen_after_drop(&path).await);
        let seen = seen.await.flatten().expect("the files can be read");
        assert_eq!(seen, ["", "important"]);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_flush_reports_that_the_disk_is_full() {
        let dropped = write_only(full_disk().await.expect("it opens")).await;
        assert!(dropped.is_ok(), "{dropped:?}");
        let flushed = write_and_flush(full_disk().await.expect("it opens")).await;
        let error = flushed.expect_err("there is no space");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
    }
}
