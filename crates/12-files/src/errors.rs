//! An error says which file, which step, what the system said and what to do about it.
//!
//! asyncio: an `OSError` has the `filename` of an open, but none of a write. Tokio: an
//! `io::Error` has no path at all, so whoever makes the call adds it. Its `kind` is the same on
//! every system, and is what a program, and an advice, can depend on.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_kit::say;
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

/// A full disk, a folder that may not be written to, one that is not there, and a file as folder.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).await?;
    forbid(&closed).await?;
    fs::write(folder.path().join("file"), "no folder").await?;
    tell(save(Path::new("/dev/full"), "content").await);
    tell(save(&closed.join("text"), "content").await);
    tell(save(&folder.path().join("nowhere").join("text"), "content").await);
    tell(save(&folder.path().join("file").join("text"), "content").await);
    Ok(())
}

// ANCHOR: errors
async fn save(path: &Path, content: &str) -> Result<(), SaveError> {
    let failed =
        |step| move |source: io::Error| SaveError { step, path: path.to_owned(), source };
    let mut file = File::create(path).await.map_err(failed("create"))?;
    file.write_all(content.as_bytes()).await.map_err(failed("write"))?;
    // Only now it is known whether there was room.
    file.flush().await.map_err(failed("write"))
}

#[derive(Debug, thiserror::Error)]
#[error("cannot {step} {} ({})", path.display(), advice(source.kind()))]
struct SaveError {
    step: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn advice(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind::*;
    match kind {
        StorageFull | QuotaExceeded => "free some space, or choose another disk",
        PermissionDenied => "choose a folder that you may write to",
        ReadOnlyFilesystem => "this disk can only be read: choose another",
        NotFound => "make its folder first",
        NotADirectory => "one part of this path is a file and no folder",
        IsADirectory => "this is a folder: add a name for the file",
        _ => "ask whoever looks after this system",
    }
}
// ANCHOR_END: errors

/// Takes away the permission to write. The administrator of a system may write nevertheless.
async fn forbid(folder: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(folder).await?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder, permissions).await
}

fn tell(saved: Result<(), SaveError>) {
    match saved {
        Ok(()) => say!("saved: this user may write there"),
        Err(error) => say!("{:#}", anyhow::Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(path: &Path) -> SaveError {
        save(path, "content").await.expect_err("it cannot be saved")
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_an_error_of_the_write_with_its_path_and_an_advice() {
        let error = refused(Path::new("/dev/full")).await;
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull, "{error:?}");
        assert_eq!(
            error.to_string(),
            "cannot write /dev/full (free some space, or choose another disk)"
        );
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_an_error_of_the_create() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("nowhere").join("text");
        let error = refused(&path).await;
        assert_eq!(error.source.kind(), io::ErrorKind::NotFound, "{error:?}");
        let wanted = format!("cannot create {} (make its folder first)", path.display());
        assert_eq!(error.to_string(), wanted);
    }

    /// The administrator may write everywhere, so what is asked is who may write.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_folder_without_permission_is_an_error_to_all_but_the_administrator() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        forbid(folder.path()).await.expect("it is mine");
        let all_powerful = std::fs::write(folder.path().join("probe"), "").is_ok();
        match save(&path, "content").await {
            Ok(()) => assert!(all_powerful, "it was saved without permission"),
            Err(error) => {
                assert!(!all_powerful, "{error:?}");
                let kind = error.source.kind();
                assert_eq!(kind, io::ErrorKind::PermissionDenied, "{error:?}");
            }
        }
    }

    #[test]
    fn a_refusal_by_the_system_has_an_advice_and_its_cause() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = SaveError { step: "create", path: "/closed/text".into(), source };
        assert_eq!(
            format!("{:#}", anyhow::Error::from(error)),
            "cannot create /closed/text (choose a folder that you may write to): \
             permission denied"
        );
    }
}
