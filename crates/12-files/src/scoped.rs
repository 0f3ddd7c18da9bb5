//! A scope flushes and closes its file on return, on an error, on a panic and on a cancellation.
//!
//! asyncio: `async with` over a class that calls the blocking `open`, which stops the loop until
//! the disk responds. Tokio: `File::open` waits on a thread of the pool, and the kit's
//! `scope::with` does what `__aexit__` does: if the body is cancelled, it is dropped, and the file
//! is still flushed, in the background.

#![cfg(not(target_family = "wasm"))]

use std::{
    fmt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use async_kit::{
    Lane, Millis, say,
    scope::{self, Release},
};
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncWriteExt, BufStream},
    time::{sleep, timeout},
};

/// A file is written and read back, a writer is cancelled, and one file is missing.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let path = folder.path().join("notes.txt");
    write_notes(&path, Duration::ZERO).try_lane("writer").await?;
    let text = read_notes(&path).try_lane("reader").await?;
    say!("read back: {text:?}");

    let slow = write_notes(&path, 200.ms()).try_lane("cancelled writer");
    let cancelled = timeout(30.ms(), slow).await;
    anyhow::ensure!(cancelled.is_err(), "the writer ended before it was cancelled");
    scope::released().await;
    say!("after the cancellation: {:?}", fs::read_to_string(&path).await?);

    if let Err(error) = read_notes(&folder.path().join("missing.txt")).await {
        say!("{error:#}");
    }
    Ok(())
}

// ANCHOR: scoped
#[derive(Debug)]
struct OpenFile {
    file: BufStream<File>,
    path: PathBuf,
    opened_at: SystemTime,
}

impl OpenFile {
    async fn create(path: &Path) -> anyhow::Result<Self> {
        Self::new(File::create(path).await, path)
    }

    async fn open(path: &Path) -> anyhow::Result<Self> {
        Self::new(File::open(path).await, path)
    }

    fn new(file: std::io::Result<File>, path: &Path) -> anyhow::Result<Self> {
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        let opened = Self {
            file: BufStream::new(file),
            path: path.to_owned(),
            opened_at: SystemTime::now(),
        };
        say!("opened {}", opened.name());
        Ok(opened)
    }

    fn name(&self) -> impl fmt::Display {
        self.path.file_name().unwrap_or_default().display()
    }
}

impl Release for OpenFile {
    async fn release(mut self) {
        // A body that succeeds has already flushed, and has returned any error. This flush is for a
        // body that failed or was cancelled.
        match self.file.flush().await {
            Ok(()) => say!("closed {self}"),
            Err(error) => say!("lost the end of {self}: {error}"),
        }
    }
}

async fn write_notes(path: &Path, pause: Duration) -> anyhow::Result<()> {
    scope::with(OpenFile::create(path).await?, async |open| {
        open.file.write_all(b"first line\n").await?;
        sleep(pause).step("between two lines").await;
        open.file.write_all(b"second line\n").await?;
        open.file.flush().await?;
        Ok(())
    })
    .await
}

async fn read_notes(path: &Path) -> anyhow::Result<String> {
    scope::with(OpenFile::open(path).await?, async |open| {
        let mut text = String::new();
        open.file.read_to_string(&mut text).await?;
        Ok(text)
    })
    .await
}
// ANCHOR_END: scoped

impl fmt::Display for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `elapsed` fails if the system clock was set back after the file was opened.
        let age = self.opened_at.elapsed().unwrap_or_default();
        write!(f, "{} (open for {} ms)", self.name(), age.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tempfile::TempDir;

    use super::*;

    fn file() -> (TempDir, PathBuf) {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("notes.txt");
        (folder, path)
    }

    fn content(path: &Path) -> String {
        std::fs::read_to_string(path).expect("the file exists")
    }

    #[test]
    fn written_text_is_read_back_and_both_files_are_closed() {
        let (_folder, path) = file();
        let both = async move {
            write_notes(&path, Duration::ZERO).await?;
            read_notes(&path).await
        };
        let (seen, text) = virtual_time(Transcript::with_output(both));
        assert_eq!(text.expect("it is read"), "first line\nsecond line\n");
        let lines: Vec<_> = seen.lines().iter().map(|line| &line.text[..6]).collect();
        assert_eq!(lines, ["opened", "closed", "opened", "closed"], "{seen}");
    }

    #[test]
    fn a_cancelled_writer_has_its_file_flushed_and_closed() {
        virtual_time(async {
            let (_folder, path) = file();
            let late = timeout(30.ms(), write_notes(&path, 200.ms())).await;
            assert!(late.is_err(), "{late:?}");
            scope::released().await;
            assert_eq!(content(&path), "first line\n");
        });
    }

    #[tokio::test]
    async fn a_missing_file_is_an_error_with_its_path() {
        let (_folder, path) = file();
        let error = read_notes(&path).await.expect_err("it is missing");
        assert!(error.to_string().ends_with("notes.txt"), "{error:#}");
        let cause = error.downcast_ref::<std::io::Error>().expect("its cause");
        assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn an_open_file_displays_its_name_and_its_age() {
        let (_folder, path) = file();
        let mut open = OpenFile::create(&path).await.expect("a file");
        // The age is so large that the duration of the test cannot change its first digits.
        open.opened_at -= 1_000_000.secs();
        let text = open.to_string();
        assert!(text.starts_with("notes.txt (open for 10000"), "{text}");
        assert!(format!("{open:?}").contains("opened_at"), "{open:?}");
    }
}
