//! A tree walk lists a bounded number of folders concurrently, and it ends despite link loops.
//!
//! asyncio: `os.walk` in one thread; with `followlinks=True` it follows such a loop until the
//! system refuses the path. Tokio has `read_dir`, but no walk. Here each listing is one call on the
//! blocking pool. A folder is identified by its real path, so its files are found once, however
//! many links lead to it.

#![cfg(not(target_family = "wasm"))]

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

/// A small tree with a link to its own root and a broken link.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    create_tree(folder.path())?;
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
/// Finds every file below `root`, in no fixed order; a folder that fails loses only its files.
fn walk(
    root: PathBuf,
    limit: NonZeroUsize,
) -> impl Stream<Item = Result<PathBuf, WalkError>> {
    stream! {
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::from([root]);
        // Dropping the stream drops this set too, and no further folder is listed.
        let mut listings = JoinSet::new();
        loop {
            while listings.len() < limit.get() && let Some(path) = waiting.pop_front() {
                let name = path.file_name().unwrap_or_default().display().to_string();
                listings.spawn(list(path).step("listing").lane(name));
            }
            let Some(listed) = listings.join_next().await else { break };
            match listed.expect("no listing panics") {
                Ok(Listing { real, folders, files }) => {
                    // If `insert` returns false, another path or a link has led to this folder.
                    if seen.insert(real) {
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
    /// The path with every link resolved, so it is the same for every path to this folder.
    real: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<Result<PathBuf, WalkError>>,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
struct WalkError {
    path: PathBuf,
    source: io::Error,
}

async fn list(path: PathBuf) -> Result<Listing, WalkError> {
    // One call on the pool lists the whole folder. A call for each entry would be slower.
    spawn_blocking(move || list_blocking(&path)).await.expect("no listing panics")
}

fn list_blocking(folder: &Path) -> Result<Listing, WalkError> {
    let failed = |source| WalkError { path: folder.to_owned(), source };
    let real = fs::canonicalize(folder).map_err(failed)?;
    let mut listing = Listing { real, folders: Vec::new(), files: Vec::new() };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // `metadata` follows links, so a link to a folder counts as a folder.
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => listing.folders.push(path),
            Ok(_) => listing.files.push(Ok(path)),
            Err(source) => listing.files.push(Err(WalkError { path, source })),
        }
    }
    Ok(listing)
}
// ANCHOR_END: walk

fn create_tree(root: &Path) -> io::Result<()> {
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

/// On Windows only an administrator may create links.
#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tempfile::TempDir;

    use super::*;

    fn walked(limit: usize) -> (Transcript, TempDir, Vec<Result<PathBuf, WalkError>>) {
        let folder = tempdir().expect("a temporary folder");
        create_tree(folder.path()).expect("its files");
        let limit = NonZeroUsize::new(limit).expect("not zero");
        let found = walk(folder.path().to_owned(), limit).collect();
        let (seen, found) = virtual_time(Transcript::with_output(found));
        (seen, folder, found)
    }

    #[test]
    fn every_file_is_found_once_although_a_link_leads_back_to_the_root() {
        for limit in [1, 2, 10] {
            let (_, folder, found) = walked(limit);
            let found = found.into_iter().flatten();
            let mut found: Vec<_> = found
                .map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
                .collect();
            found.sort();
            let expected =
                ["docs/a", "docs/old/b", "readme", "src/c", "src/deep/deeper/d"];
            assert_eq!(found, expected.map(PathBuf::from), "limit {limit}");
        }
    }

    #[test]
    fn a_broken_link_is_an_error_with_its_path_and_does_not_stop_the_walk() {
        let (_, folder, found) = walked(2);
        let errors: Vec<_> =
            found.iter().filter_map(|file| file.as_ref().err()).collect();
        let paths: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
        assert_eq!(paths, [folder.path().join("docs/broken")], "{errors:?}");
    }

    #[test]
    fn no_more_folders_are_listed_concurrently_than_the_limit() {
        for limit in [1, 2] {
            let (seen, ..) = walked(limit);
            let peak = seen.peak("listing");
            assert!((1..=limit).contains(&peak), "{peak} concurrently: {seen}");
        }
    }

    #[test]
    fn a_missing_root_is_an_error() {
        let found: Vec<_> =
            virtual_time(walk("no such folder".into(), NonZeroUsize::MIN).collect());
        let error = found[0].as_ref().expect_err("it is missing");
        assert_eq!(error.to_string(), "cannot read no such folder");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
