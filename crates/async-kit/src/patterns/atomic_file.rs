//! A file is replaced as a whole or not at all, whatever happens on the way.
//!
//! Opening a file for writing empties it, so an error halfway costs both contents. Here the new
//! content grows in a temporary file of the same folder, and one `rename` puts it in place:
//! whoever opens the path sees all of the old content or all of the new.
//!
//! | what happens | what stands at the path | and the temporary file |
//! |---|---|---|
//! | [`commit`](AtomicFile::commit) returns `Ok` | the new content, after a power cut too | is that content |
//! | an error, or a drop before the commit | the old content | is removed |
//! | a drop in the middle of the commit | the old content or the new one | is removed or is that content |
//! | the process is killed, the power fails | the old content or the new one | may be left behind |

mod error;
mod temporary;
#[cfg(test)]
mod tests;

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

/// Replaces the content of a file by this one, as a whole or not at all.
///
/// asyncio and Python have no counterpart. [`tokio::fs::write`] empties the file first, and goes
/// on writing when it is cancelled. Content that does not fit into memory goes through an
/// [`AtomicFile`], piece by piece.
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
/// As [`AtomicFile::create`] and [`AtomicFile::commit`], and [`AtomicFileError::Write`] if the
/// content does not fit on the disk.
///
/// # Panics
///
/// Outside a Tokio runtime.
///
/// # Cancel safety
///
/// Dropped before everything was written, it leaves the old content and no other file. Dropped
/// later, while it replaces the file, it leaves the old content or the new one, each whole.
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

/// New content of a file, which takes the place of the old one when it is committed.
///
/// Answers to `tempfile.NamedTemporaryFile` and `os.replace` in Python. [`tokio::fs::File`]
/// empties the file as soon as it is created. Write to it as to any [`AsyncWrite`]; those errors
/// are plain [`io::Error`]s, without the path.
///
/// The file keeps its permissions, but gets the owner of the process, and its other hard links
/// keep the old content. A symbolic link stays one, unless it leads nowhere: what it points to is
/// replaced. It asks for permission to write to the folder, not to the file.
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
/// report.write_all(b"line after line\n").await?;
/// assert!(!path.exists(), "nothing is to be seen before the commit");
/// report.commit().await?;
/// assert!(path.exists());
/// # Ok(())
/// # }
/// ```
#[must_use = "dropped without `commit`, it leaves the old content and removes the new one"]
#[derive(Debug)]
pub struct AtomicFile {
    // Closed before the temporary file is removed: fields are dropped in their order.
    file: File,
    temporary: Temporary,
}

impl AtomicFile {
    /// Makes an empty temporary file beside the file to replace, which need not exist.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Create`]: there is no such folder, it may not be written to, or
    /// something that is no regular file stands at the path.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a file that is made after nobody waits for it any more is removed.
    pub async fn create(path: impl AsRef<Path>) -> Result<Self, AtomicFileError> {
        let path = path.as_ref();
        let target = path.to_owned();
        // The guard is made where the file is made. So a cancelled caller, who throws away the
        // answer, throws away the file.
        match on_a_thread(move || Temporary::beside(&target)).await {
            Ok((file, temporary)) => Ok(Self { file: file.into(), temporary }),
            Err(source) => Err(Error::Create { path: path.to_owned(), source }),
        }
    }

    /// Returns the absolute path of the file that the commit replaces: where a link points to.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temporary.target()
    }

    /// Puts the new content in place of the old, and returns once a power cut cannot undo it.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Write`] and [`AtomicFileError::Replace`]: the old content stands.
    /// [`AtomicFileError::Sync`]: the new content stands, but a power cut may still undo that.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe in the sense that nobody learns which content stands: the old one or the
    /// new one, each whole. No temporary file is left.
    pub async fn commit(self) -> Result<(), AtomicFileError> {
        let Self { mut file, temporary } = self;
        let path = temporary.target().to_owned();
        // `sync_all` alone would swallow the error of the last write.
        let written = match file.flush().await {
            Ok(()) => file.sync_all().await,
            Err(error) => Err(error),
        };
        if let Err(source) = written {
            return Err(Error::Write { path, source });
        }
        // Windows does not rename a file that is open.
        drop(file);
        if let Err(source) = on_a_thread(move || temporary.rename()).await {
            return Err(Error::Replace { path, source });
        }
        let target = path.clone();
        let synced = on_a_thread(move || temporary::sync_folder_of(&target)).await;
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

/// Once begun, `work` goes on to its end, whether somebody waits for it or not.
async fn on_a_thread<T: Send + 'static>(
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
