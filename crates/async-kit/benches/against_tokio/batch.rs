//! Processing in batches costs what `chunks` and `buffered` or `join_all` cost, in constant memory.

use std::{fs, hint::black_box, num::NonZeroUsize};

use async_kit::in_batches;
use futures::{Stream, StreamExt, future::join_all, stream};

use tokio::task::yield_now;

use crate::harness::{Bench, Times, one_thread};

const SIZE: NonZeroUsize = NonZeroUsize::new(100).unwrap();
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(4).unwrap();

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("in_batches: per item, against chunks + buffered", kit, peer, Times(1.0));
    against_join_all(bench, "that wait", [10, 100], waits);
    against_join_all(bench, "ready", [1, 10], ready);
}

/// A row for each size of a chunk. All items of a chunk run concurrently.
fn against_join_all<F>(
    bench: &mut Bench,
    kind: &str,
    sizes: [usize; 2],
    f: impl Fn(u64) -> F + Copy + Send + Sync + 'static,
) where
    F: Future<Output = u64> + Send + 'static,
{
    for size in sizes {
        let name = format!("in_batches: {size} {kind}, against join_all");
        bench.row(&name, |n| together(n, size, f), |n| rounds(n, size, f), Times(1.3));
    }
}

async fn waits(item: u64) -> u64 {
    yield_now().await;
    ready(item).await
}

async fn ready(item: u64) -> u64 {
    black_box(item) + 1
}

async fn together<F: Future<Output = u64>>(n: u64, size: usize, f: impl Fn(u64) -> F) {
    let size = NonZeroUsize::new(size).expect("one or more");
    let all = |items: Vec<u64>| join_all(items.into_iter().map(&f));
    drain(in_batches(stream::iter(0..n), size, CONCURRENCY, all)).await;
}

/// One chunk after the other.
async fn rounds<F: Future<Output = u64>>(n: u64, size: usize, f: impl Fn(u64) -> F) {
    let mut chunks = stream::iter(0..n).chunks(size);
    while let Some(chunk) = chunks.next().await {
        drain(stream::iter(join_all(chunk.into_iter().map(&f)).await)).await;
    }
}

async fn work(items: Vec<u64>) -> Vec<u64> {
    items.into_iter().map(|item| black_box(item) + 1).collect()
}

async fn kit(n: u64) {
    drain(in_batches(stream::iter(0..n), SIZE, CONCURRENCY, work)).await;
}

async fn peer(n: u64) {
    let chunks = stream::iter(0..n).chunks(SIZE.get()).map(work);
    drain(chunks.buffered(CONCURRENCY.get()).flat_map(stream::iter)).await;
}

async fn drain(results: impl Stream<Item = u64>) {
    results.for_each(async |item| _ = black_box(item)).await;
}

/// After the first 100,000 items, 10 million more items need no more memory.
pub(crate) fn memory(bench: &mut Bench) {
    let name = "in_batches: growth over 10 million items";
    if !bench.wants(name) {
        return;
    }
    let runtime = one_thread();
    runtime.block_on(kit(100_000));
    let before = peak_kib();
    runtime.block_on(kit(10_000_000));
    match before.zip(peak_kib()) {
        // Arbitrary, but much less than the 80,000 KiB of 10 million items.
        Some((before, after)) => bench.kib(name, after - before, 256),
        None => println!("{name}: not measured, this system has no /proc/self/status"),
    }
}

/// The peak memory of this process.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
