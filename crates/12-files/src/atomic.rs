//! While a file is replaced, a reader sees the whole old content or the whole new content.
//!
//! asyncio: write a temporary file, then `os.replace`. Tokio: the same steps. `by_hand` shows them
//! in their order: write, flush, sync, rename, sync the folder. It leaves its temporary file behind
//! if it fails or is cancelled; the kit's `AtomicFile` does not.

#![cfg(not(target_family = "wasm"))]

use std::{
    io,
    path::{self, Path, PathBuf},
};

use async_kit::{AtomicFile, Lane, Millis, say};
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::{AsyncWrite, AsyncWriteExt},
    time::sleep,
};

const OLD: &str = "all of the old content";
const NEW: [&str; 2] = ["first half, ", "second half"];

/// A reader polls the file while it is replaced, and again while it is written in place.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let path = folder.path().join("text");
    fs::write(&path, OLD).await?;
    read_beside("replaced", replace(path.clone()), &path).await?;
    fs::write(&path, OLD).await?;
    read_beside("in place", in_place(path.clone()), &path).await?;
    by_hand(&path, "by hand").await?;
    say!("by hand: {:?}", fs::read_to_string(&path).await?);
    Ok(())
}

// ANCHOR: atomic
async fn in_place(path: PathBuf) -> anyhow::Result<()> {
    // `create` removes the old content before the new content is written.
    let mut file = File::create(&path).await?;
    write_slowly(&mut file).await?;
    Ok(())
}

async fn replace(path: PathBuf) -> anyhow::Result<()> {
    let mut file = AtomicFile::create(&path).await?;
    write_slowly(&mut file).await?;
    file.commit().await?;
    Ok(())
}

async fn write_slowly(file: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    for half in NEW {
        sleep(40.ms()).await;
        file.write_all(half.as_bytes()).await?;
        file.flush().await?;
    }
    Ok(())
}
// ANCHOR_END: atomic

// ANCHOR: by_hand
async fn by_hand(path: &Path, content: &str) -> io::Result<()> {
    // The folder is opened below, and a bare name has no parent folder.
    let path = path::absolute(path)?;
    // The temporary file is in the same folder, because a rename works only in one file system.
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary).await?;
    file.write_all(content.as_bytes()).await?;
    file.flush().await?;
    // Without `sync_all` the rename may reach the disk before the content does.
    file.sync_all().await?;
    fs::rename(&temporary, &path).await?;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    File::open(folder).await?.sync_all().await
}
// ANCHOR_END: by_hand

/// Runs a writer beside a reader, and returns the contents that the reader saw.
async fn read_beside<W>(name: &str, writer: W, path: &Path) -> anyhow::Result<Vec<String>>
where
    W: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let writer = writer.step("writing").try_lane(format!("writer {name}"));
    let writer = tokio::spawn(writer);
    let seen = contents_until(path, || writer.is_finished())
        .try_lane(format!("reader {name}"))
        .await?;
    writer.await??;
    Ok(seen)
}

/// Reads until the writer has succeeded or failed, and returns each new content.
async fn contents_until(
    path: &Path,
    ended: impl Fn() -> bool,
) -> io::Result<Vec<String>> {
    let mut seen: Vec<String> = Vec::new();
    loop {
        // The check is before the read. Otherwise the writer could end between the read and the
        // check, and its last content would not be read.
        let last = ended();
        let content = fs::read_to_string(path).await?;
        if seen.last() != Some(&content) {
            say!("sees {content:?}");
            seen.push(content);
        }
        if last {
            return Ok(seen);
        }
        sleep(15.ms()).await;
    }
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;
    use tempfile::TempDir;
    use tokio::time::timeout;

    use super::*;

    fn file() -> (TempDir, PathBuf) {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        std::fs::write(&path, OLD).expect("a file");
        (folder, path)
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).expect("the folder exists");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.to_string_lossy().into()).collect()
    }

    #[test]
    fn a_reader_of_a_replaced_file_sees_one_whole_content_after_the_other() {
        let (_folder, path) = file();
        let seen = virtual_time(async move {
            read_beside("", replace(path.clone()), &path).await.expect("it is read")
        });
        assert_eq!(seen, [OLD.to_owned(), NEW.concat()]);
    }

    #[test]
    fn a_reader_of_a_file_written_in_place_sees_half_of_it() {
        let (_folder, path) = file();
        let seen = virtual_time(async move {
            read_beside("", in_place(path.clone()), &path).await.expect("it is read")
        });
        assert!(seen.contains(&NEW[0].to_owned()), "{seen:?}");
    }

    #[test]
    fn the_reader_ends_when_the_writer_fails_and_the_error_is_returned() {
        let (_folder, path) = file();
        let failed = virtual_time(async move {
            let writer = async { anyhow::bail!("the disk is full") };
            timeout(1.secs(), read_beside("", writer, &path)).await
        });
        let error = failed.expect("the reader still reads").expect_err("it failed");
        assert_eq!(error.to_string(), "the disk is full");
    }

    #[tokio::test]
    async fn a_writer_that_fails_halfway_leaves_the_old_content_and_nothing_else() {
        let (folder, path) = file();
        let failed = async {
            let mut file = AtomicFile::create(&path).await?;
            file.write_all(NEW[0].as_bytes()).await?;
            file.flush().await?;
            anyhow::bail!("there is no second half");
        };
        let failed: anyhow::Result<()> = failed.await;
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("the file exists"), OLD);
        assert_eq!(names(&folder), ["text"]);
    }

    #[tokio::test]
    async fn the_steps_by_hand_replace_the_content_too() {
        let (folder, path) = file();
        by_hand(&path, "new").await.expect("it writes");
        assert_eq!(std::fs::read_to_string(&path).expect("the file exists"), "new");
        assert_eq!(names(&folder), ["text"]);
    }
}
