//! A file of any size is copied through a buffer of fixed size.
//!
//! asyncio: `while chunk := file.read(n)`, in a thread. Tokio: `copy_buf` over a `BufReader`, whose
//! capacity is the bound. `io::copy` has a buffer of 8 KiB, and each refill is a call on the
//! blocking pool. If the program does not need to see the bytes, `fs::copy` is best: one call, and
//! the system moves the data. But it reports no progress, and it continues after it is cancelled.

#![cfg(not(target_family = "wasm"))]

use std::{
    fs,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use async_kit::{AtomicFile, say};
use tempfile::tempdir;
use tokio::{
    fs::File,
    io::{self, AsyncRead, AsyncWrite, BufReader, ReadBuf, copy_buf},
};

const MEBI: u64 = 1 << 20;
/// Arbitrary: 64 MiB are then read by 256 calls on the blocking pool.
const BUFFER: usize = 256 << 10;

/// A file of 64 MiB is copied, and a meter records how much of it was in flight at most.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    // A file with a hole of this size uses no space on the disk and reads as zeros.
    fs::File::create(&from)?.set_len(64 * MEBI)?;
    let meter = Arc::new(Meter::default());
    let bytes = copy(&from, &to, BUFFER, &meter).await?;
    let (copied, peak) = (bytes / MEBI, meter.peak.load(Relaxed) / 1024);
    say!("{copied} MiB copied, at most {peak} KiB of them in flight");
    if let Some(peak) = peak_memory() {
        say!("the whole process used at most {peak} of memory");
    }
    Ok(())
}

// ANCHOR: copy
async fn copy(
    from: &Path,
    to: &Path,
    buffer: usize,
    meter: &Arc<Meter>,
) -> anyhow::Result<u64> {
    let from = Metered(File::open(from).await?, Arc::clone(meter));
    let to = AtomicFile::create(to).await?;
    let mut from = BufReader::with_capacity(buffer, from);
    let mut to = Metered(to, Arc::clone(meter));
    let bytes = copy_buf(&mut from, &mut to).await?;
    to.0.commit().await?;
    Ok(bytes)
}
// ANCHOR_END: copy

/// Counts the bytes that were read and not yet taken by the writer. The Tokio `File` on each side
/// may hold as many bytes again, in a call on the blocking pool.
#[derive(Default)]
struct Meter {
    in_flight: AtomicU64,
    peak: AtomicU64,
}

/// As a reader it adds the bytes that it returns, as a writer it subtracts the bytes it accepts.
struct Metered<T>(T, Arc<Meter>);

impl<R: AsyncRead + Unpin> AsyncRead for Metered<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.0).poll_read(cx, buffer));
        let new = (buffer.filled().len() - before) as u64;
        let in_flight = self.1.in_flight.fetch_add(new, Relaxed) + new;
        self.1.peak.fetch_max(in_flight, Relaxed);
        Poll::Ready(read)
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Metered<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.0).poll_write(cx, bytes))?;
        self.1.in_flight.fetch_sub(written as u64, Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Linux reports it in this file; other systems have other interfaces.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn no_more_than_the_buffer_is_in_flight_and_nothing_is_lost() {
        let folder = tempdir().expect("a temporary folder");
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        let content: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
        fs::write(&from, &content).expect("a file");
        let meter = Arc::new(Meter::default());
        let bytes = copy(&from, &to, 4096, &meter).await.expect("it copies");
        assert_eq!(bytes, 300_000);
        assert_eq!(fs::read(&to).expect("a copy"), content);
        let peak = meter.peak.load(Relaxed);
        assert!((1..=4096).contains(&peak), "{peak} bytes in flight");
        assert_eq!(meter.in_flight.load(Relaxed), 0, "bytes that were not written");
    }

    #[tokio::test]
    async fn the_meter_counts_a_file_that_is_read_whole() {
        let meter = Arc::new(Meter::default());
        let mut all = Vec::new();
        let mut from = Metered(&[7; 300_000][..], Arc::clone(&meter));
        from.read_to_end(&mut all).await.expect("it reads");
        let mut to = Metered(io::sink(), Arc::clone(&meter));
        to.write_all(&all).await.expect("it writes");
        assert_eq!(meter.peak.load(Relaxed), 300_000);
    }
}
