//! A failed request does not change the old file if the output replaces it only at the end.
//!
//! asyncio: `async with session, aiofiles.open("output.txt", "w")` empties the output before
//! the request is made, so a request that fails loses the old content. Tokio has the same trap
//! in `File::create`. If the response fits into memory, fetch it first. If not, write it, piece by
//! piece, into a temporary file that is renamed at the end.

#![cfg(not(target_family = "wasm"))]

use std::{io, path::Path};

use anyhow::Context;
use async_kit::{AtomicFile, Lane, Millis, atomic_write, say};
use futures::{Stream, TryStreamExt, stream};
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
    time::sleep,
};

/// Each version runs with a service that completes its response, then with a service that fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let output = folder.path().join("output.txt");
    for broken in [false, true] {
        fs::write(&output, "old").await?;
        let saved = fetch_first(service(broken), &output).try_lane("fetch first").await;
        report("fetch first", saved, &output).await?;
        fs::write(&output, "old").await?;
        let saved = piece_by_piece(service(broken), &output).try_lane("by piece").await;
        report("by piece", saved, &output).await?;
        fs::write(&output, "old").await?;
        let saved = open_first(service(broken), &output).try_lane("open first").await;
        report("open first", saved, &output).await?;
    }
    Ok(())
}

// ANCHOR: fetch_first
async fn fetch_first(service: impl Pieces, output: &Path) -> anyhow::Result<()> {
    let data: Vec<String> = service.try_collect().await.context("the request failed")?;
    atomic_write(output, data.concat().to_uppercase()).await?;
    Ok(())
}

/// For a response that may not fit into memory.
async fn piece_by_piece(service: impl Pieces, output: &Path) -> anyhow::Result<()> {
    let mut service = std::pin::pin!(service);
    // Declared after the service: on an early return the file is dropped, and so removed, first.
    let mut file = AtomicFile::create(output).await?;
    while let Some(piece) = service.try_next().await.context("the request failed")? {
        file.write_all(piece.to_uppercase().as_bytes()).await?;
    }
    file.commit().await?;
    Ok(())
}
// ANCHOR_END: fetch_first

/// The trap: `create` empties the file, and then the request may fail.
async fn open_first(service: impl Pieces, output: &Path) -> anyhow::Result<()> {
    let mut file = File::create(output).await?;
    let data: Vec<String> = service.try_collect().await.context("the request failed")?;
    file.write_all(data.concat().to_uppercase().as_bytes()).await?;
    file.flush().await?;
    Ok(())
}

/// The response of a service, as a stream of pieces.
trait Pieces: Stream<Item = io::Result<String>> + Send {}
impl<S: Stream<Item = io::Result<String>> + Send> Pieces for S {}

fn service(broken: bool) -> impl Pieces {
    let end =
        if broken { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok("data") };
    stream::iter([Ok("hello "), end]).and_then(async |piece| {
        sleep(20.ms()).step("waiting for the service").await;
        Ok(piece.to_owned())
    })
}

async fn report(
    name: &str,
    saved: anyhow::Result<()>,
    output: &Path,
) -> anyhow::Result<()> {
    let content = fs::read_to_string(output).await?;
    match saved {
        Ok(()) => say!("{name}: the file is {content:?}"),
        Err(error) => say!("{name}: {error:#}, the file is {content:?}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_kit::virtual_time;
    use tempfile::TempDir;

    use super::*;

    fn output() -> (TempDir, std::path::PathBuf) {
        let folder = tempdir().expect("a temporary folder");
        let output = folder.path().join("output.txt");
        std::fs::write(&output, "old").expect("a file");
        (folder, output)
    }

    fn content(path: &Path) -> String {
        std::fs::read_to_string(path).expect("the file exists")
    }

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).expect("the folder exists").count()
    }

    #[test]
    fn the_response_is_saved_in_upper_case() {
        virtual_time(async {
            let (folder, output) = output();
            fetch_first(service(false), &output).await.expect("it is saved");
            assert_eq!(content(&output), "HELLO DATA");
            std::fs::write(&output, "old").expect("a file");
            piece_by_piece(service(false), &output).await.expect("it is saved");
            assert_eq!(content(&output), "HELLO DATA");
            assert_eq!(files(folder.path()), 1, "something was left behind");
        });
    }

    #[test]
    fn a_service_that_fails_leaves_the_old_file_unchanged() {
        virtual_time(async {
            let (folder, output) = output();
            assert!(fetch_first(service(true), &output).await.is_err());
            assert_eq!(content(&output), "old");
            assert!(piece_by_piece(service(true), &output).await.is_err());
            assert_eq!(content(&output), "old");
            assert_eq!(files(folder.path()), 1, "something was left behind");
        });
    }

    #[test]
    fn an_output_opened_first_loses_its_content_when_the_service_fails() {
        virtual_time(async {
            let (_folder, output) = output();
            assert!(open_first(service(true), &output).await.is_err());
            assert_eq!(content(&output), "");
        });
    }

    /// Counts the files of the folder when it is dropped.
    struct Session<'a>(&'a Path, Arc<Mutex<Option<usize>>>);

    impl Drop for Session<'_> {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = Some(files(self.0));
        }
    }

    #[test]
    fn the_temporary_file_is_removed_before_the_session_ends() {
        virtual_time(async {
            let (folder, output) = output();
            let at_the_end = Arc::default();
            let session = Session(folder.path(), Arc::clone(&at_the_end));
            let pieces = service(true).inspect_err(move |_| {
                let _lives_as_long_as_the_service = &session;
            });
            assert!(piece_by_piece(pieces, &output).await.is_err());
            assert_eq!(*at_the_end.lock().unwrap(), Some(1), "files at the end");
        });
    }
}
