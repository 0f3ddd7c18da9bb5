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

/// The blocking calls, in order: create, write, copy attributes, sync, rename, sync the folder. A call that has begun
/// runs to its end, and the first to change the content is the rename.
#[test]
fn a_write_dropped_at_any_wait_leaves_one_file_with_complete_content() {
    let cuts = (1..).flat_map(|wait| [Cut::Waiting(wait), Cut::Woken(wait)]);
    let cuts = iter::once(Cut::BeforeFirstPoll).chain(cuts);
    let contents: Vec<_> = cuts.map_while(content_after).collect();
    let [old, new] = [["old"; 9].as_slice(), &["new"; 4]];
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
async fn a_file_that_becomes_private_before_the_commit_stays_private() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, path) = folder();
    let later = folder.path().join("later");
    for path in [path, later] {
        let file = AtomicFile::create(&path).await.expect("a temporary file");
        // Another process replaces the file, or creates it.
        fs::write(&path, "secret").expect("it writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .expect("the test owns the file");
        file.commit().await.expect("it commits");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}: {mode:o}", path.display());
    }
}

#[tokio::test]
async fn a_path_that_is_no_regular_file_any_more_is_not_replaced() {
    let (folder, path) = folder();
    let file = AtomicFile::create(&path).await.expect("a temporary file");
    fs::remove_file(&path).expect("it is there");
    fs::create_dir(&path).expect("a folder");
    let error = file.commit().await.expect_err("it is a folder");
    assert!(matches!(error, AtomicFileError::Replace { .. }), "{error:?}");
    assert!(path.is_dir() && names(&folder) == ["text"], "{:?}", names(&folder));
}

/// A rename would replace a socket, and its server would be out of reach.
#[cfg(unix)]
#[tokio::test]
async fn a_socket_that_replaces_the_file_is_not_replaced() {
    use std::os::unix::{fs::FileTypeExt, net::UnixListener};

    let (_folder, path) = folder();
    let file = AtomicFile::create(&path).await.expect("a temporary file");
    fs::remove_file(&path).expect("it is there");
    let _server = UnixListener::bind(&path).expect("a socket");
    let error = file.commit().await.expect_err("it is a socket");
    assert!(matches!(error, AtomicFileError::Replace { .. }), "{error:?}");
    assert!(fs::symlink_metadata(&path).expect("it is there").file_type().is_socket());
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

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_itself_is_refused() {
    let (folder, _) = folder();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&link, &link).expect("a link");
    let error = atomic_write(&link, "new").await.expect_err("it leads nowhere");
    assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    assert!(link.is_symlink(), "the link was replaced");
}

#[tokio::test]
async fn a_path_without_the_name_of_a_file_creates_no_file() {
    let (folder, _) = folder();
    for path in ["new/", "new/.", "new/..", ".", "text/", "text/."] {
        let path = format!("{}/{path}", folder.path().display());
        let error = atomic_write(&path, "new").await.expect_err(&path);
        assert!(matches!(error, AtomicFileError::Create { .. }), "{error:?}");
    }
    assert_eq!(names(&folder), ["text"]);
}

#[cfg(unix)]
#[tokio::test]
async fn no_special_permission_goes_to_the_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, path) = folder();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o6750))
        .expect("the test owns the file");
    atomic_write(&path, "new").await.expect("it writes");
    let mode = fs::metadata(&path).expect("it is there").permissions().mode() & 0o7777;
    assert_eq!(mode, 0o750, "{mode:o}");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        ffi::OsStr,
        io,
        os::unix::fs::{MetadataExt, PermissionsExt, chown},
    };

    use super::*;

    const ACCESS_LIST: &str = "system.posix_acl_access";

    /// The owner may read and write, and the user 12345 may read; the group and all others may not.
    /// The permissions of such a file are `rw-r-----`, because the mask is shown as those of the group.
    fn access_list() -> Vec<u8> {
        let (owner, user, group, mask, others) = (0x01, 0x02, 0x04, 0x10, 0x20);
        let none = u32::MAX;
        let entries = [
            (owner, 6, none),
            (user, 4, 12345),
            (group, 0, none),
            (mask, 4, none),
            (others, 0, none),
        ];
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in entries {
            bytes.extend(u16::to_le_bytes(tag));
            bytes.extend(u16::to_le_bytes(permissions));
            bytes.extend(u32::to_le_bytes(id));
        }
        bytes
    }

    /// Sets an attribute. Returns `false` where the file system keeps none, such as an old `tmpfs`.
    fn set(path: &Path, name: &str, value: &[u8]) -> bool {
        match xattr::set(path, name, value) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => false,
            result => {
                result.expect("the test owns the file");
                true
            }
        }
    }

    fn get(path: &Path, name: impl AsRef<OsStr>) -> Option<Vec<u8>> {
        xattr::get(path, name).unwrap_or_default()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    #[tokio::test]
    async fn an_access_list_and_user_attributes_are_kept() {
        let (_folder, path) = folder();
        let list = set(&path, ACCESS_LIST, &access_list()).then(access_list);
        let note = set(&path, "user.note", b"mine").then(|| b"mine".to_vec());
        let before = mode(&path);
        atomic_write(&path, "new").await.expect("it writes");
        assert_eq!((get(&path, ACCESS_LIST), get(&path, "user.note")), (list, note));
        assert_eq!(mode(&path), before);
    }

    /// Without root, an attribute of a file that may not be written can be set only before the
    /// permissions, and one of a file that may not be read cannot be copied.
    #[tokio::test]
    async fn a_file_without_permissions_and_with_attributes_is_replaced() {
        for mode_before in [0o400, 0o000] {
            let (_folder, path) = folder();
            set(&path, "user.note", b"mine");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode_before))
                .expect("the test owns the file");
            atomic_write(&path, "new").await.expect("it writes");
            assert_eq!(mode(&path), mode_before);
        }
    }

    #[tokio::test]
    async fn the_access_list_of_a_folder_adds_no_access() {
        let (folder, path) = folder();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640))
            .expect("the test owns the file");
        set(folder.path(), "system.posix_acl_default", &access_list());
        atomic_write(&path, "new").await.expect("it writes");
        assert_eq!((get(&path, ACCESS_LIST), mode(&path)), (None, 0o640));
    }

    /// Only root may give a file away, so for others this test changes nothing and the file is theirs.
    #[tokio::test]
    async fn an_owner_and_a_group_that_can_be_set_are_kept() {
        let other =
            [(Some(12345), Some(12346)), (Some(12345), None), (None, Some(12346))];
        for (owner, group) in other {
            let (_folder, path) = folder();
            let _ = chown(&path, owner, group);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640))
                .expect("permission");
            let before = fs::metadata(&path).expect("it is there");
            atomic_write(&path, "new").await.expect("it writes");
            let after = fs::metadata(&path).expect("it is there");
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
            assert_eq!(mode(&path), 0o640);
        }
    }
}
