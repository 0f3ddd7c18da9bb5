//! However a write ends, the path has one complete content, and no other file is left.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    sync::mpsc,
};

use async_kit::{AtomicFile, AtomicFileError, atomic_write, stage::Cut};
use futures::FutureExt;
use tempfile::{TempDir, tempdir};
use tokio::{io::AsyncWriteExt, runtime::Builder, task::spawn_blocking};

/// Makes a folder with one file, `text`, whose content is `old`.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempdir().expect("a temporary folder");
    let path = folder.path().join("text");
    fs::write(&path, "old").expect("a file");
    (folder, path)
}

fn content(path: &Path) -> String {
    fs::read_to_string(path).expect("the file is there")
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_write_replaces_the_whole_content_and_leaves_no_other_file() {
    let (folder, path) = folder();
    atomic_write(&path, "new").await.expect("it writes");
    assert_eq!(content(&path), "new");
    assert_eq!(names(&folder), ["text"]);
}

#[tokio::test]
async fn a_file_that_did_not_exist_is_created() {
    let (folder, _) = folder();
    let path = folder.path().join("second");
    atomic_write(&path, "new").await.expect("it writes");
    assert_eq!(content(&path), "new");
    assert_eq!(names(&folder), ["second", "text"]);
}

#[tokio::test]
async fn before_the_commit_the_path_has_the_old_content() {
    let (folder, path) = folder();
    let mut file = AtomicFile::create(&path).await.expect("a temporary file");
    file.write_all(b"new").await.expect("it writes");
    file.flush().await.expect("it writes");
    assert_eq!(content(&path), "old");
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    file.commit().await.expect("it commits");
    assert_eq!(content(&path), "new");
}

#[tokio::test]
async fn without_a_commit_the_old_content_stays_and_no_other_file() {
    let (folder, path) = folder();
    let mut file = AtomicFile::create(&path).await.expect("a temporary file");
    file.write_all(b"half of the n").await.expect("it writes");
    drop(file);
    assert_eq!(content(&path), "old");
    assert_eq!(names(&folder), ["text"]);
}

/// The blocking calls, in order: create, write, sync, rename, sync the folder. A call that has begun
/// runs to its end, and the first to change the content is the rename.
#[test]
fn a_write_dropped_at_any_wait_leaves_one_file_with_complete_content() {
    let cuts = (1..).flat_map(|wait| [Cut::Waiting(wait), Cut::Woken(wait)]);
    let cuts = iter::once(Cut::BeforeFirstPoll).chain(cuts);
    let contents: Vec<_> = cuts.map_while(content_after).collect();
    let [old, new] = [["old"; 7].as_slice(), &["new"; 4]];
    assert_eq!(contents, [old, new].concat());
}

/// Returns the content after a write was dropped at `cut`, or `None` if the write ended before.
fn content_after(cut: Cut) -> Option<String> {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build();
    runtime.expect("a runtime").block_on(async {
        let (folder, path) = folder();
        let reached = drop_at(cut, atomic_write(&path, "new")).await;
        // The one blocking thread runs its calls in order, so every call of the write has ended
        // before this one.
        spawn_blocking(|| ()).await.expect("no panic");
        assert_eq!(names(&folder), ["text"], "{cut}");
        reached.then(|| content(&path))
    })
}

/// Polls `future` up to `cut` and drops it. Returns `false` if it ended before. The blocking thread is
/// busy during each poll, so that no call ends before the future waits for it.
async fn drop_at(cut: Cut, future: impl Future) -> bool {
    if cut == Cut::BeforeFirstPoll {
        return true;
    }
    let mut future = Box::pin(future);
    for wait in 1.. {
        let (busy, until_free) = mpsc::channel::<()>();
        spawn_blocking(move || until_free.recv());
        if (&mut future).now_or_never().is_some() {
            return false;
        }
        if cut == Cut::Waiting(wait) {
            // The future is dropped while the thread is still busy.
            drop(future);
            return true;
        }
        drop(busy);
        spawn_blocking(|| ()).await.expect("no panic");
        if cut == Cut::Woken(wait) {
            return true;
        }
    }
    unreachable!("an endless loop")
}

#[tokio::test]
async fn an_error_names_the_file_and_the_error_of_the_system() {
    let (folder, _) = folder();
    let path = folder.path().join("no such folder").join("text");
    let error = atomic_write(&path, "new").await.expect_err("there is no folder");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    let text = format!("{:#}", anyhow::Error::from(error));
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("No such file or directory"), "{text}");
}

#[tokio::test]
async fn a_path_that_is_not_a_regular_file_is_refused() {
    let (folder, _) = folder();
    let error = atomic_write(folder.path(), "new").await.expect_err("it is a folder");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    let error = atomic_write("", "new").await.expect_err("the path is empty");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    assert_eq!(names(&folder), ["text"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_private_file_stays_private() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, path) = folder();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
        .expect("the test owns the file");
    let file = AtomicFile::create(&path).await.expect("a temporary file");
    let mode = |metadata: fs::Metadata| metadata.permissions().mode() & 0o777;
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    for name in names(&folder) {
        let early = mode(fs::metadata(folder.path().join(&name)).expect("it is there"));
        assert_eq!(early, 0o600, "{name} has {early:o} before the first write");
    }
    file.commit().await.expect("it commits");
    let late = mode(fs::metadata(&path).expect("it is there"));
    assert_eq!(late, 0o600, "{late:o} after the commit");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_stays_a_link_and_its_target_is_replaced() {
    let (folder, path) = folder();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    atomic_write(&link, "new").await.expect("it writes");
    assert!(link.is_symlink(), "the link was replaced");
    assert_eq!(content(&path), "new");
}
