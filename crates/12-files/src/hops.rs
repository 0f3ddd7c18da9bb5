//! For many small files the calls on the blocking pool dominate, and one call can do a whole job.
//!
//! asyncio: `await asyncio.to_thread(whole_job)` against an `aiofiles` call per step. Tokio: a
//! `tokio::fs::File` makes a call on the pool for the open and for each read; `tokio::fs::read` is
//! one call; a `spawn_blocking` around plain `std::fs` is one call for everything inside it.

#![cfg(not(target_family = "wasm"))]

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use async_kit::say;
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
use tempfile::tempdir;
use tokio::{fs::File, io::AsyncReadExt, task::spawn_blocking};

const FILES: usize = 500;
/// The fastest of these rounds counts: in the others, other processes used the machine too.
const ROUNDS: usize = 7;

/// Four functions read the same files, one after the other, and their fastest times are compared.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let paths = small_files(folder.path(), FILES)?;
    let mut best = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        for ((_, read_all), best) in VERSIONS.iter().zip(&mut best) {
            let start = Instant::now();
            let bytes = read_all(paths.clone()).await?;
            *best = start.elapsed().min(*best);
            anyhow::ensure!(
                bytes == paths.len() as u64 * 1024,
                "{bytes} bytes were read"
            );
        }
    }
    for ((name, _), took) in VERSIONS.iter().zip(best) {
        let each = took.as_secs_f64() * 1e6 / paths.len() as f64;
        let ratio = took.as_secs_f64() / best[3].as_secs_f64();
        say!("{name:<40} {each:6.1} µs per file, {ratio:4.1} times the last");
    }
    Ok(())
}

type ReadAll = fn(Vec<PathBuf>) -> BoxFuture<'static, io::Result<u64>>;

const VERSIONS: [(&str, ReadAll); 4] = [
    ("tokio::fs::File, a call for each step", |paths| step_by_step(paths).boxed()),
    ("tokio::fs::read, a call for each file", |paths| file_by_file(paths).boxed()),
    ("the same, eight files concurrently", |paths| eight_concurrently(paths).boxed()),
    ("std::fs in one spawn_blocking, one call", |paths| in_one_call(paths).boxed()),
];

// ANCHOR: hops
async fn step_by_step(paths: Vec<PathBuf>) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // A file of 1 KiB needs eight calls: the empty `Vec` grows by doubling, and each growth
        // needs a read.
        let mut content = Vec::new();
        File::open(path).await?.read_to_end(&mut content).await?;
        bytes += content.len() as u64;
    }
    Ok(bytes)
}

async fn file_by_file(paths: Vec<PathBuf>) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // The same as `spawn_blocking(|| std::fs::read(path))`.
        bytes += tokio::fs::read(path).await?.len() as u64;
    }
    Ok(bytes)
}

async fn eight_concurrently(paths: Vec<PathBuf>) -> io::Result<u64> {
    stream::iter(paths)
        .map(tokio::fs::read)
        .buffer_unordered(8)
        .try_fold(0, async |bytes, content| Ok(bytes + content.len() as u64))
        .await
}

async fn in_one_call(paths: Vec<PathBuf>) -> io::Result<u64> {
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
    async fn each_version_reads_every_byte() {
        let folder = tempdir().expect("a temporary folder");
        let paths = small_files(folder.path(), 20).expect("its files");
        for (name, read_all) in VERSIONS {
            let bytes = read_all(paths.clone()).await.expect("they can be read");
            assert_eq!(bytes, 20 * 1024, "{name}");
        }
    }

    #[tokio::test]
    async fn each_version_reports_a_missing_file() {
        let folder = tempdir().expect("a temporary folder");
        let mut paths = small_files(folder.path(), 20).expect("its files");
        paths.push(folder.path().join("missing"));
        for (name, read_all) in VERSIONS {
            let error = read_all(paths.clone()).await.expect_err("one is missing");
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{name}");
        }
    }
}
