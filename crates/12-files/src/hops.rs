//! For many small files it is the trips to the pool that cost, and one trip can do a whole job.
//!
//! asyncio: `await asyncio.to_thread(whole_job)` against an `aiofiles` call per step. Tokio: a
//! `tokio::fs::File` goes to a thread for the open and for each read; `tokio::fs::read` is one
//! trip; a `spawn_blocking` around plain `std::fs` is one trip for everything inside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use async_kit::say;
use futures::{StreamExt, TryStreamExt, stream};
use tempfile::tempdir;
use tokio::{fs::File, io::AsyncReadExt, task::spawn_blocking};

const FILES: usize = 500;
/// The best of so many rounds counts: the others had to share the machine.
const ROUNDS: usize = 7;

/// The same files are read in four ways, which take turns, and the clock compares them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let paths = small_files(folder.path(), FILES)?;
    let mut best = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        for (way, best) in best.iter_mut().enumerate() {
            let start = Instant::now();
            let bytes = read_all(way, &paths).await?;
            *best = start.elapsed().min(*best);
            anyhow::ensure!(
                bytes == paths.len() as u64 * 1024,
                "{bytes} bytes were read"
            );
        }
    }
    for (name, took) in WAYS.iter().zip(best) {
        let each = took.as_secs_f64() * 1e6 / paths.len() as f64;
        let ratio = took.as_secs_f64() / best[3].as_secs_f64();
        say!("{name:<40} {each:6.1} µs a file, {ratio:4.1} times");
    }
    Ok(())
}

const WAYS: [&str; 4] = [
    "tokio::fs::File, a trip for each step",
    "tokio::fs::read, a trip for each file",
    "the same, eight files at once",
    "std::fs in one spawn_blocking, one trip",
];

async fn read_all(way: usize, paths: &[PathBuf]) -> io::Result<u64> {
    match way {
        0 => step_by_step(paths).await,
        1 => file_by_file(paths).await,
        2 => eight_at_once(paths).await,
        _ => in_one_trip(paths.to_vec()).await,
    }
}

// ANCHOR: hops
async fn step_by_step(paths: &[PathBuf]) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // Eight trips for a KiB: an empty `Vec` doubles, and each room is a read of its own.
        let mut content = Vec::new();
        File::open(path).await?.read_to_end(&mut content).await?;
        bytes += content.len() as u64;
    }
    Ok(bytes)
}

async fn file_by_file(paths: &[PathBuf]) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // `spawn_blocking(|| std::fs::read(path))` under another name.
        bytes += tokio::fs::read(path).await?.len() as u64;
    }
    Ok(bytes)
}

async fn eight_at_once(paths: &[PathBuf]) -> io::Result<u64> {
    stream::iter(paths.to_vec())
        .map(tokio::fs::read)
        .buffer_unordered(8)
        .try_fold(0, async |bytes, content| Ok(bytes + content.len() as u64))
        .await
}

async fn in_one_trip(paths: Vec<PathBuf>) -> io::Result<u64> {
    spawn_blocking(move || {
        paths.iter().try_fold(0, |bytes, path| Ok(bytes + fs::read(path)?.len() as u64))
    })
    .await?
}
// ANCHOR_END: hops

fn small_files(folder: &Path, count: usize) -> io::Result<Vec<PathBuf>> {
    let paths: Vec<_> = (0..count).map(|n| folder.join(n.to_string())).collect();
    for path in &paths {
        fs::write(path, [b'x'; 1024])?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_way_reads_every_byte() {
        let folder = tempdir().expect("a temporary folder");
        let paths = small_files(folder.path(), 20).expect("its files");
        for (way, name) in WAYS.iter().enumerate() {
            let bytes = read_all(way, &paths).await.expect("they can be read");
            assert_eq!(bytes, 20 * 1024, "{name}");
        }
    }

    #[tokio::test]
    async fn each_way_reports_a_file_that_is_not_there() {
        let folder = tempdir().expect("a temporary folder");
        let mut paths = small_files(folder.path(), 20).expect("its files");
        paths.push(folder.path().join("missing"));
        for (way, name) in WAYS.iter().enumerate() {
            let error = read_all(way, &paths).await.expect_err("one is not there");
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{name}");
        }
    }
}
