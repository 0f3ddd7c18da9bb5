//! An error names the file, the failed step, the cause and what the user can do about it.
//!
//! asyncio: an `OSError` of `open` has a `filename`, but an error of `write` has none. Tokio: an
//! `io::Error` never has a path, so the caller adds it. Its `kind` is the same on every system,
//! so a program, and the advice that it prints, can depend on it.

#![cfg(not(target_family = "wasm"))]

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

/// A full disk, a read-only folder, a missing folder, and a file where a folder should be.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let read_only = folder.path().join("read-only");
    fs::create_dir(&read_only).await?;
    make_read_only(&read_only).await?;
    fs::write(folder.path().join("file"), "not a folder").await?;
    report(save(Path::new("/dev/full"), "content").await);
    report(save(&read_only.join("text"), "content").await);
    report(save(&folder.path().join("nowhere").join("text"), "content").await);
    report(save(&folder.path().join("file").join("text"), "content").await);
    Ok(())
}

// ANCHOR: errors
async fn save(path: &Path, content: &str) -> Result<(), SaveError> {
    let failed =
        |step| move |source: io::Error| SaveError { step, path: path.to_owned(), source };
    let mut file = File::create(path).await.map_err(failed("create"))?;
    file.write_all(content.as_bytes()).await.map_err(failed("write"))?;
    // Only `flush` reports that the disk is full.
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
        ReadOnlyFilesystem => "this disk is read-only: choose another",
        NotFound => "create its folder first",
        NotADirectory => "one part of this path is a file, not a folder",
        IsADirectory => "this is a folder: add a name for the file",
        _ => "ask the administrator of this system",
    }
}
// ANCHOR_END: errors

/// root can write to it nevertheless.
async fn make_read_only(folder: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(folder).await?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder, permissions).await
}

fn report(saved: Result<(), SaveError>) {
    match saved {
        Ok(()) => say!("saved: this user may write to that folder"),
        Err(error) => say!("{:#}", anyhow::Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn save_error(path: &Path) -> SaveError {
        save(path, "content").await.expect_err("it cannot be saved")
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_an_error_of_the_write_with_its_path_and_advice() {
        let error = save_error(Path::new("/dev/full")).await;
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull, "{error:?}");
        assert_eq!(
            error.to_string(),
            "cannot write /dev/full (free some space, or choose another disk)"
        );
    }

    #[tokio::test]
    async fn a_missing_folder_is_an_error_of_the_create() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("nowhere").join("text");
        let error = save_error(&path).await;
        assert_eq!(error.source.kind(), io::ErrorKind::NotFound, "{error:?}");
        let expected =
            format!("cannot create {} (create its folder first)", path.display());
        assert_eq!(error.to_string(), expected);
    }

    /// root can write everywhere, so a probe finds out if this user is root.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_read_only_folder_is_an_error_unless_the_user_is_root() {
        let folder = tempdir().expect("a temporary folder");
        let path = folder.path().join("text");
        make_read_only(folder.path()).await.expect("this test owns the folder");
        let is_root = std::fs::write(folder.path().join("probe"), "").is_ok();
        match save(&path, "content").await {
            Ok(()) => assert!(is_root, "it was saved without permission"),
            Err(error) => {
                assert!(!is_root, "{error:?}");
                let kind = error.source.kind();
                assert_eq!(kind, io::ErrorKind::PermissionDenied, "{error:?}");
            }
        }
    }

    #[test]
    fn an_error_shows_its_advice_and_its_cause() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = SaveError { step: "create", path: "/read-only/text".into(), source };
        assert_eq!(
            format!("{:#}", anyhow::Error::from(error)),
            "cannot create /read-only/text (choose a folder that you may write to): \
             permission denied"
        );
    }
}
