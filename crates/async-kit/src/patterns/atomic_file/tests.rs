//! Whatever happens on the way, one whole content stands at the path, and nothing beside it.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    sync::mpsc,
};

use futures::FutureExt;
use tempfile::{TempDir, tempdir};
use tokio::{io::AsyncWriteExt, runtime::Builder};

use super::*;
use crate::stage::Cut;

/// A folder with one file, `text`, of which the content is `old`.
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
async fn a_file_that_was_not_there_is_made() {
    let (folder, _) = folder();
    let path = folder.path().join("second");
    atomic_write(&path, "new").await.expect("it writes");
    assert_eq!(content(&path), "new");
    assert_eq!(names(&folder), ["second", "text"]);
}

#[tokio::test]
async fn until_the_commit_only_the_old_content_is_seen() {
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
async fn without_a_commit_the_old_content_stays_and_the_new_one_is_removed() {
    let (folder, path) = folder();
    let mut file = AtomicFile::create(&path).await.expect("a temporary file");
    file.write_all(b"half of the n").await.expect("it writes");
    drop(file);
    assert_eq!(content(&path), "old");
    assert_eq!(names(&folder), ["text"]);
}

/// The calls on a thread, in their order: create, write, sync, rename, sync the folder. A call
/// that has begun goes on, so the first to change the content is the rename.
#[test]
fn a_write_dropped_at_any_wait_leaves_one_whole_content_and_no_other_file() {
    let cuts = (1..).flat_map(|wait| [Cut::Waiting(wait), Cut::Woken(wait)]);
    let cuts = iter::once(Cut::BeforeFirstPoll).chain(cuts);
    let contents: Vec<_> = cuts.map_while(content_after).collect();
    let [old, new] = [["old"; 7].as_slice(), &["new"; 4]];
    assert_eq!(contents, [old, new].concat());
}

/// The content when a write was dropped there, or `None` if it ends before.
fn content_after(cut: Cut) -> Option<String> {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build();
    runtime.expect("a runtime").block_on(async {
        let (folder, path) = folder();
        let reached = drop_at(cut, atomic_write(&path, "new")).await;
        // The pool is a queue: when this is over, so is all that the write has left behind.
        spawn_blocking(|| ()).await.expect("it is over");
        assert_eq!(names(&folder), ["text"], "{cut}");
        reached.then(|| content(&path))
    })
}

/// Whatever the victim asks for waits behind a thread that is busy, so that no call is over
/// before its caller has begun to wait for it.
async fn drop_at(cut: Cut, victim: impl Future) -> bool {
    if cut == Cut::BeforeFirstPoll {
        return true;
    }
    let mut victim = Box::pin(victim);
    for wait in 1.. {
        let (busy, over) = mpsc::channel::<()>();
        spawn_blocking(move || over.recv());
        if (&mut victim).now_or_never().is_some() {
            return false;
        }
        if cut == Cut::Waiting(wait) {
            // While the thread is still busy.
            drop(victim);
            return true;
        }
        drop(busy);
        spawn_blocking(|| ()).await.expect("it is over");
        if cut == Cut::Woken(wait) {
            return true;
        }
    }
    unreachable!("an endless loop")
}

/// The system takes a write into the buffer of the file, and reports its error later.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_error_of_the_last_write_stops_the_commit() {
    let (folder, path) = folder();
    let mut file = AtomicFile::create(&path).await.expect("a temporary file");
    file.file = File::options().write(true).open("/dev/full").await.expect("it opens");
    file.write_all(b"new").await.expect("the error comes later");
    let error = file.commit().await.expect_err("the disk is full");
    let AtomicFileError::Write { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.kind(), io::ErrorKind::StorageFull, "{error:?}");
    assert_eq!(error.path(), path.canonicalize().expect("it is there"));
    assert_eq!(content(&path), "old");
    assert_eq!(names(&folder), ["text"]);
}

#[tokio::test]
async fn an_error_names_the_file_and_what_the_system_said() {
    let (folder, _) = folder();
    let path = folder.path().join("no such folder").join("text");
    let error = atomic_write(&path, "new").await.expect_err("there is no folder");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    let text = format!("{:#}", anyhow::Error::from(error));
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("No such file or directory"), "{text}");
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_replaced() {
    let (folder, _) = folder();
    let error = atomic_write(folder.path(), "new").await.expect_err("it is a folder");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    let error = atomic_write("", "new").await.expect_err("it is nothing");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    assert_eq!(names(&folder), ["text"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_private_file_stays_private() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, path) = folder();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is mine");
    let file = AtomicFile::create(&path).await.expect("a temporary file");
    let mode = |metadata: fs::Metadata| metadata.permissions().mode() & 0o777;
    let early = mode(file.file.metadata().await.expect("it is open"));
    assert_eq!(early, 0o600, "{early:o} before anything is written");
    file.commit().await.expect("it commits");
    let late = mode(fs::metadata(&path).expect("it is there"));
    assert_eq!(late, 0o600, "{late:o} at the end");
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
