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
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream};
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
        for ((_, read_all), best) in WAYS.iter().zip(&mut best) {
            let start = Instant::now();
            let bytes = read_all(paths.clone()).await?;
            *best = start.elapsed().min(*best);
            anyhow::ensure!(
                bytes == paths.len() as u64 * 1024,
                "{bytes} bytes were read"
            );
        }
    }
    for ((name, _), took) in WAYS.iter().zip(best) {
        let each = took.as_secs_f64() * 1e6 / paths.len() as f64;
        let ratio = took.as_secs_f64() / best[3].as_secs_f64();
        say!("{name:<40} {each:6.1} µs a file, {ratio:4.1} times");
    }
    Ok(())
}

type ReadAll = fn(Vec<PathBuf>) -> BoxFuture<'static, io::Result<u64>>;

const WAYS: [(&str, ReadAll); 4] = [
    ("tokio::fs::File, a trip for each step", |paths| step_by_step(paths).boxed()),
    ("tokio::fs::read, a trip for each file", |paths| file_by_file(paths).boxed()),
    ("the same, eight files at once", |paths| eight_at_once(paths).boxed()),
    ("std::fs in one spawn_blocking, one trip", |paths| in_one_trip(paths).boxed()),
];

// ANCHOR: hops
async fn step_by_step(paths: Vec<PathBuf>) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // Eight trips for a KiB: an empty `Vec` doubles, and each room is a read of its own.
        let mut content = Vec::new();
        File::open(path).await?.read_to_end(&mut content).await?;
        bytes += content.len() as u64;
    }
    Ok(bytes)
}

async fn file_by_file(paths: Vec<PathBuf>) -> io::Result<u64> {
    let mut bytes = 0;
    for path in paths {
        // `spawn_blocking(|| std::fs::read(path))` under another name.
        bytes += tokio::fs::read(path).await?.len() as u64;
    }
    Ok(bytes)
}

async fn eight_at_once(paths: Vec<PathBuf>) -> io::Result<u64> {
    stream::iter(paths)
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
        for (name, read_all) in WAYS {
            let bytes = read_all(paths.clone()).await.expect("they can be read");
            assert_eq!(bytes, 20 * 1024, "{name}");
        }
    }

    #[tokio::test]
    async fn each_way_reports_a_file_that_is_not_there() {
        let folder = tempdir().expect("a temporary folder");
        let mut paths = small_files(folder.path(), 20).expect("its files");
        paths.push(folder.path().join("missing"));
        for (name, read_all) in WAYS {
            let error = read_all(paths.clone()).await.expect_err("one is not there");
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{name}");
        }
    }
}
