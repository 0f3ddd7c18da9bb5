//! For any number of files, at most ten are open at the same time, and each has its own result.
//!
//! asyncio: `gather(*(read(path) for path in paths))` opens all files. It fails with `EMFILE` if
//! the system allows fewer, and one missing file loses all results; a `Semaphore` and
//! `return_exceptions=True` help. Tokio: `buffered(n)` starts no more than `n`, and the stream has
//! one `Result` for each path.

#![cfg(not(target_family = "wasm"))]

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use async_kit::{Lane, Millis, say};
use futures::{StreamExt, stream};
use tempfile::tempdir;
use tokio::{fs::File, io::AsyncReadExt, time::sleep};

use crate::text_file::{ReadError, decode_text};

/// Arbitrary, but far below the limit of open files of any system.
const MAX_OPEN: NonZeroUsize = NonZeroUsize::new(10).unwrap();

/// Five files, two at a time: one is not text, and one is missing. Then 300 files.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let two = NonZeroUsize::MIN.saturating_add(1);
    for (path, size) in sizes(samples(folder.path())?, two, 40.ms()).await {
        let name = name_of(&path);
        match size {
            Ok(Size { bytes, characters }) => {
                say!("{name}: {bytes} bytes, {characters} characters");
            }
            Err(error) => say!("{name}: {:#}", anyhow::Error::from(error)),
        }
    }
    let many = sizes(many_files(folder.path())?, MAX_OPEN, Duration::ZERO).await;
    let read = many.iter().filter(|(_, size)| size.is_ok()).count();
    say!("{read} of {} files read, at most {MAX_OPEN} open at the same time", many.len());
    anyhow::ensure!(read == many.len(), "some of {} files were not read", many.len());
    Ok(())
}

// ANCHOR: sizes
#[derive(Debug, PartialEq, Eq)]
struct Size {
    bytes: usize,
    characters: usize,
}

/// `delay` simulates a slow disk: the file stays open for that time.
async fn size_of(path: &Path, delay: Duration) -> Result<Size, ReadError> {
    let failed = |source| ReadError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).await.map_err(failed)?;
    sleep(delay).await;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await.map_err(failed)?;
    let text = decode_text(bytes, path)?;
    Ok(Size { bytes: text.len(), characters: text.chars().count() })
}

/// Returns the results in the order of `paths`.
async fn sizes(
    paths: Vec<PathBuf>,
    max_open: NonZeroUsize,
    delay: Duration,
) -> Vec<(PathBuf, Result<Size, ReadError>)> {
    let each = async |path: PathBuf| {
        let size = size_of(&path, delay).step("holding an open file");
        let size = size.try_lane(name_of(&path)).await;
        (path, size)
    };
    stream::iter(paths).map(each).buffered(max_open.get()).collect().await
}
// ANCHOR_END: sizes

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn samples(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files: [(&str, &[u8]); 4] = [
        ("two.txt", "文件".as_bytes()),
        ("four.txt", "异步文件".as_bytes()),
        ("broken.txt", b"no \xff text"),
        ("six.txt", "异步读取文件".as_bytes()),
    ];
    for (name, content) in files {
        fs::write(folder.join(name), content)?;
    }
    let names = ["two.txt", "missing.txt", "four.txt", "broken.txt", "six.txt"];
    Ok(names.map(|name| folder.join(name)).into())
}

fn many_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let paths: Vec<_> =
        (0..300).map(|n| folder.join(format!("many-{n:03}.txt"))).collect();
    for path in &paths {
        fs::write(path, "one of many")?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn sizes_of_samples(max_open: usize) -> (Transcript, Vec<Result<Size, ReadError>>) {
        let folder = tempdir().expect("a temporary folder");
        let paths = samples(folder.path()).expect("its files");
        let max_open = NonZeroUsize::new(max_open).expect("not zero");
        let sizes = sizes(paths, max_open, 10.ms());
        let (seen, sizes) = virtual_time(Transcript::with_output(sizes));
        (seen, sizes.into_iter().map(|(_, size)| size).collect())
    }

    #[test]
    fn characters_and_bytes_are_counted_separately_in_list_order() {
        let (_, sizes) = sizes_of_samples(3);
        let sizes: Vec<_> = sizes.into_iter().flatten().collect();
        let counts: Vec<_> = sizes.iter().map(|size| size.characters).collect();
        assert_eq!(counts, [2, 4, 6], "{sizes:?}");
        assert!(sizes.iter().all(|size| size.bytes == 3 * size.characters), "{sizes:?}");
    }

    #[test]
    fn a_file_that_fails_loses_only_its_own_result_and_its_error_names_it() {
        let (_, sizes) = sizes_of_samples(3);
        assert_eq!(sizes.iter().filter(|size| size.is_ok()).count(), 3, "{sizes:?}");
        let missing = sizes[1].as_ref().expect_err("it is missing");
        assert!(matches!(missing, ReadError::Read { .. }), "{missing:?}");
        assert!(missing.to_string().ends_with("missing.txt"), "{missing}");
        let broken = sizes[3].as_ref().expect_err("it is not text");
        let ReadError::NotText { path, source } = broken else { panic!("{broken:?}") };
        assert_eq!((source.line, source.byte), (1, 3), "{broken:?}");
        assert!(path.ends_with("broken.txt"), "{broken:?}");
    }

    #[test]
    fn no_more_files_are_open_at_the_same_time_than_the_limit() {
        for max_open in [1, 2, 5] {
            let (seen, _) = sizes_of_samples(max_open);
            let peak = seen.peak("holding an open file");
            assert!(
                (1..=max_open).contains(&peak),
                "{peak} open at the same time: {seen}"
            );
        }
    }
}
