//! A tree is walked a few folders at a time, and a link that leads back is followed once.
//!
//! asyncio: `os.walk` in one thread, which with `followlinks=True` goes round on such a link
//! until the system refuses the path. Tokio has `read_dir`, and no walk. Each listing is one call
//! on a thread of the pool; a folder is known by its real path, so whichever ways lead to it, its
//! files are found once.

use std::{
    collections::{HashSet, VecDeque},
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use async_kit::{Lane, say};
use async_stream::stream;
use futures::{Stream, StreamExt};
use tempfile::tempdir;
use tokio::task::{JoinSet, spawn_blocking};

/// A small tree with a link to its own root, and a link to nowhere.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    plant(folder.path())?;
    let two = NonZeroUsize::MIN.saturating_add(1);
    let mut found = Box::pin(walk(folder.path().to_owned(), two));
    let mut names = Vec::new();
    while let Some(entry) = found.next().await {
        match entry {
            Ok(path) => {
                names.push(path.strip_prefix(folder.path())?.display().to_string())
            }
            Err(error) => say!("{:#}", anyhow::Error::from(error)),
        }
    }
    names.sort();
    say!("{} files: {}", names.len(), names.join(" "));
    Ok(())
}

// ANCHOR: walk
/// Finds every file below `root`, in no certain order; a folder that fails costs only its files.
fn walk(
    root: PathBuf,
    at_once: NonZeroUsize,
) -> impl Stream<Item = Result<PathBuf, WalkError>> {
    stream! {
        let mut known = HashSet::new();
        let mut waiting = VecDeque::from([root]);
        // Dropped with the stream: then no further folder is listed.
        let mut listings = JoinSet::new();
        loop {
            while listings.len() < at_once.get() && let Some(path) = waiting.pop_front() {
                let name = path.file_name().unwrap_or_default().display().to_string();
                listings.spawn(list(path).step("listing").lane(name));
            }
            let Some(listed) = listings.join_next().await else { break };
            match listed.expect("no listing panics") {
                Ok(Listing { real, folders, files }) => {
                    // Else it was reached on another way, or is a link that leads back.
                    if known.insert(real) {
                        waiting.extend(folders);
                        for file in files {
                            yield file;
                        }
                    }
                }
                Err(error) => yield Err(error),
            }
        }
    }
}

struct Listing {
    /// Its path without links, the same on every way that leads here.
    real: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<Result<PathBuf, WalkError>>,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot look at {}", path.display())]
struct WalkError {
    path: PathBuf,
    source: io::Error,
}

async fn list(path: PathBuf) -> Result<Listing, WalkError> {
    // One trip to the pool for the folder, and not one for each of its entries.
    spawn_blocking(move || list_now(&path)).await.expect("no listing panics")
}

fn list_now(folder: &Path) -> Result<Listing, WalkError> {
    let failed = |source| WalkError { path: folder.to_owned(), source };
    let real = fs::canonicalize(folder).map_err(failed)?;
    let mut listing = Listing { real, folders: Vec::new(), files: Vec::new() };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Follows links, so a link to a folder is a folder.
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => listing.folders.push(path),
            Ok(_) => listing.files.push(Ok(path)),
            Err(source) => listing.files.push(Err(WalkError { path, source })),
        }
    }
    Ok(listing)
}
// ANCHOR_END: walk

fn plant(root: &Path) -> io::Result<()> {
    for folder in ["docs/old", "src/deep/deeper"] {
        fs::create_dir_all(root.join(folder))?;
    }
    for file in ["readme", "docs/a", "docs/old/b", "src/c", "src/deep/deeper/d"] {
        fs::write(root.join(file), file)?;
    }
    link(root, &root.join("src/deep/again"))?;
    link(Path::new("nowhere"), &root.join("docs/broken"))
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Only an administrator may make links there.
#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tempfile::TempDir;

    use super::*;

    fn walked(at_once: usize) -> (Transcript, TempDir, Vec<Result<PathBuf, WalkError>>) {
        let folder = tempdir().expect("a temporary folder");
        plant(folder.path()).expect("its files");
        let at_once = NonZeroUsize::new(at_once).expect("not zero");
        let found = walk(folder.path().to_owned(), at_once).collect();
        let (seen, found) = virtual_time(Transcript::with_output(found));
        (seen, folder, found)
    }

    #[test]
    fn every_file_is_found_once_although_a_link_leads_back_to_the_root() {
        for at_once in [1, 2, 10] {
            let (_, folder, found) = walked(at_once);
            let found = found.into_iter().flatten();
            let mut found: Vec<_> = found
                .map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
                .collect();
            found.sort();
            let wanted = ["docs/a", "docs/old/b", "readme", "src/c", "src/deep/deeper/d"];
            assert_eq!(found, wanted.map(PathBuf::from), "{at_once} at once");
        }
    }

    #[test]
    fn a_link_to_nowhere_is_an_error_with_its_path_and_stops_nothing() {
        let (_, folder, found) = walked(2);
        let errors: Vec<_> =
            found.iter().filter_map(|file| file.as_ref().err()).collect();
        let paths: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
        assert_eq!(paths, [folder.path().join("docs/broken")], "{errors:?}");
    }

    #[test]
    fn never_more_folders_are_listed_at_once_than_was_asked_for() {
        for at_once in [1, 2] {
            let (seen, ..) = walked(at_once);
            let peak = seen.peak("listing");
            assert!((1..=at_once).contains(&peak), "{peak} at once: {seen}");
        }
    }

    #[test]
    fn a_root_that_is_not_there_is_an_error() {
        let found: Vec<_> =
            virtual_time(walk("no such folder".into(), NonZeroUsize::MIN).collect());
        let error = found[0].as_ref().expect_err("it is not there");
        assert_eq!(error.to_string(), "cannot look at no such folder");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
