//! A file is replaced as a whole or not at all, even after an error, a cancellation or a crash.
//!
//! Opening a file for writing empties it, so after an error the old content is lost and the new one
//! is incomplete. Here the new content is written to a temporary file in the same folder, and one
//! `rename` replaces the old file. A reader of the path sees all of the old content or all of the new.
//!
//! | what happens | content at the path | temporary file |
//! |---|---|---|
//! | [`commit`](AtomicFile::commit) returns `Ok` | the new one, even after a power failure | has become the file |
//! | an error, or a drop before the commit | the old one | is removed |
//! | a drop during the commit | the old or the new one | is removed, or has become the file |
//! | the process is killed, the power fails | the old or the new one | may be left |

mod attributes;
mod error;
mod temporary;
mod unless;

use std::{
    io,
    panic::resume_unwind,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    fs::File,
    io::{AsyncWrite, AsyncWriteExt},
    task::spawn_blocking,
};

pub use error::AtomicFileError;
use error::AtomicFileError as Error;
use temporary::Temporary;

/// Replaces the content of a file, as a whole or not at all.
///
/// asyncio and Python have no counterpart. [`tokio::fs::write`] empties the file first, and continues
/// to write after it was cancelled. If the content does not fit into memory, write it to an
/// [`AtomicFile`] in parts.
///
/// # Examples
///
/// ```
/// use async_kit::atomic_write;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let settings = folder.path().join("settings.toml");
/// atomic_write(&settings, "theme = 'dark'\n").await?;
/// # assert_eq!(std::fs::read_to_string(&settings)?, "theme = 'dark'\n");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`AtomicFile::create`] and [`AtomicFile::commit`], and [`AtomicFileError::Write`] if the
/// content could not be written, for example because the disk is full.
///
/// # Panics
///
/// Panics outside a Tokio runtime.
///
/// # Cancel safety
///
/// Not cancel safe: if it is dropped, the caller does not know whether the path has the old or the
/// new content. Each is complete, and no temporary file is left. To be sure of the new content, spawn
/// the call.
pub async fn atomic_write(
    path: impl AsRef<Path>,
    content: impl AsRef<[u8]>,
) -> Result<(), AtomicFileError> {
    let mut file = AtomicFile::create(path).await?;
    if let Err(source) = file.write_all(content.as_ref()).await {
        return Err(Error::Write { path: file.path().to_owned(), source });
    }
    file.commit().await
}

/// The new content of a file, which replaces the old content when it is committed.
///
/// Corresponds to `tempfile.NamedTemporaryFile` and `os.replace` in Python. [`tokio::fs::File`]
/// empties the file as soon as it is created. Write to an `AtomicFile` as to any [`AsyncWrite`]; the
/// errors of a write are plain [`io::Error`]s, without the path.
///
/// # Permissions and links
///
/// The file keeps its owner and its group if the process may set them, which usually takes root for the
/// owner. It keeps its permissions, on Linux also its access control list and the `user.` extended
/// attributes that the process may read. All of these are those at the time of the commit. If it cannot
/// keep its group or its list, it loses permissions, so that no user has more than before. It never
/// keeps setuid, setgid and sticky bits, nor capabilities.
///
/// Other hard links to the file keep the old content. If the path is a symbolic link when the
/// `AtomicFile` is created, the file that it points to is replaced; a dangling link is replaced itself.
/// The process needs permission to read the folder and to write to it, not to the file.
///
/// # Examples
///
/// ```
/// use async_kit::AtomicFile;
/// use tokio::io::AsyncWriteExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("report.txt");
/// let mut report = AtomicFile::create(&path).await?;
/// report.write_all(b"one line\n").await?;
/// assert!(!path.exists(), "the file does not exist before the commit");
/// report.commit().await?;
/// assert!(path.exists());
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped without `commit`, it keeps the old content and removes the new one"]
#[derive(Debug)]
pub struct AtomicFile {
    // The first field, so that the file is closed before `temporary` removes it.
    file: File,
    temporary: Temporary,
}

impl AtomicFile {
    /// Creates an empty temporary file in the folder of the file to replace, which may be missing.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Create`] if there is no such folder, if the process may not write to it, if
    /// the path is not a regular file, or if it ends with `/`, `.` or `..`.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a file that is created after this future was dropped is removed.
    pub async fn create(path: impl AsRef<Path>) -> Result<Self, AtomicFileError> {
        let path = path.as_ref();
        let target = path.to_owned();
        // The guard is created together with the file. If this future is cancelled, the result is
        // dropped, and the guard removes the file.
        match run_blocking(move || Temporary::create_beside(&target)).await {
            Ok((file, temporary)) => Ok(Self { file: file.into(), temporary }),
            Err(source) => Err(Error::Create { path: path.to_owned(), source }),
        }
    }

    /// Returns the absolute path of the file that the commit replaces. If the file exists, symbolic
    /// links in the path are resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temporary.target()
    }

    /// Replaces the old content by the new, and returns when a power failure cannot undo that.
    ///
    /// # Errors
    ///
    /// - [`AtomicFileError::Write`] and [`AtomicFileError::Replace`]: the path has the old content. It is
    ///   not replaced if it is no regular file any more.
    /// - [`AtomicFileError::Sync`]: the path has the new content, but a power failure may undo that.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if it is dropped, the caller does not know whether the path has the old or the
    /// new content. Each is complete, and no temporary file is left.
    pub async fn commit(self) -> Result<(), AtomicFileError> {
        let Self { mut file, temporary } = self;
        let path = temporary.target().to_owned();
        // `sync_all` alone would not report an error of the last write.
        if let Err(source) = file.flush().await {
            return Err(Error::Write { path, source });
        }
        let file = file.into_std().await;
        let copied = run_blocking(move || {
            // After an error, the file is closed before `temporary` removes it.
            let (temporary, file) = (temporary, file);
            temporary.copy_attributes(&file)?;
            Ok((temporary, file))
        });
        let (temporary, file) = match copied.await {
            Ok(both) => both,
            Err(source) => return Err(Error::Replace { path, source }),
        };
        // Windows cannot rename an open file, so it is closed here.
        if let Err(source) = run_blocking(move || file.sync_all()).await {
            return Err(Error::Write { path, source });
        }
        if let Err(source) = run_blocking(move || temporary.rename()).await {
            return Err(Error::Replace { path, source });
        }
        let target = path.clone();
        let synced = run_blocking(move || temporary::sync_folder_of(&target)).await;
        synced.map_err(|source| Error::Sync { path, source })
    }
}

impl AsyncWrite for AtomicFile {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.file).poll_write(cx, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.file).poll_shutdown(cx)
    }
}

/// Runs `work` on a thread for blocking calls. Once begun, it runs to its end even if this future is
/// dropped.
async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(shut_down) => Err(io::Error::other(shut_down)),
        },
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    // `tests/kit/atomic_file.rs` has the tests that need no access to the open file.
    use super::*;

    /// Writes to a full disk. The write goes to a buffer, so its error is reported later.
    async fn with_a_failed_write(path: &Path) -> AtomicFile {
        let mut file = AtomicFile::create(path).await.expect("a temporary file");
        file.file =
            File::options().write(true).open("/dev/full").await.expect("it opens");
        file.write_all(b"new").await.expect("the error comes later");
        file
    }

    #[tokio::test]
    async fn a_flush_and_a_shutdown_report_the_error_of_the_last_write() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        let flushed = with_a_failed_write(&path).await.flush().await;
        let shut_down = with_a_failed_write(&path).await.shutdown().await;
        for result in [flushed, shut_down] {
            let error = result.expect_err("the disk is full");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error:?}");
        }
    }

    #[tokio::test]
    async fn an_error_of_the_last_write_stops_the_commit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        std::fs::write(&path, "old").expect("a file");
        let file = with_a_failed_write(&path).await;

        let error = file.commit().await.expect_err("the disk is full");
        let AtomicFileError::Write { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull, "{error:?}");
        assert_eq!(error.path(), path.canonicalize().expect("it is there"));
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "old");
        let files = std::fs::read_dir(folder.path()).expect("the folder is there");
        assert_eq!(files.count(), 1, "a temporary file was left");
    }
}
