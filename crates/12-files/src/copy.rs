//! A file of any size passes through a buffer of fixed size.
//!
//! asyncio: `while chunk := file.read(n)`, in a thread. Tokio: `copy_buf` over a `BufReader`,
//! whose size is the bound; `io::copy` has a buffer of 8 KiB, and pays a trip to the blocking
//! pool for each. Where the bytes need not be looked at, `fs::copy` is best: one call, and the
//! system moves the data. But it shows no progress, and cancelled it goes on.

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
/// Arbitrary: 64 MiB are then read in 256 trips to a thread.
const BUFFER: usize = 256 << 10;

/// A file of 64 MiB is copied, and a counter says how much of it was under way at most.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    // A hole of this size: it takes no room on the disk, and reads as zeros.
    fs::File::create(&from)?.set_len(64 * MEBI)?;
    let meter = Arc::new(Meter::default());
    let bytes = copy(&from, &to, BUFFER, &meter).await?;
    let (copied, peak) = (bytes / MEBI, meter.peak.load(Relaxed) / 1024);
    say!("{copied} MiB copied, at most {peak} KiB of them in flight");
    if let Some(peak) = peak_memory() {
        say!("the whole process never had more than {peak} in memory");
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

/// Counts the bytes that were read and that the writer has not taken. On either side a Tokio
/// `File` may hold as many again, on their way to a thread.
#[derive(Default)]
struct Meter {
    in_flight: AtomicU64,
    peak: AtomicU64,
}

/// A reader that adds what it gives, and a writer that subtracts what it takes.
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

/// What Linux says of this process; other systems say it in other places.
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
        assert_eq!(meter.in_flight.load(Relaxed), 0, "bytes that nobody wrote");
    }

    #[tokio::test]
    async fn the_meter_sees_a_file_that_is_read_as_a_whole() {
        let meter = Arc::new(Meter::default());
        let mut all = Vec::new();
        let mut from = Metered(&[7; 300_000][..], Arc::clone(&meter));
        from.read_to_end(&mut all).await.expect("it reads");
        let mut to = Metered(io::sink(), Arc::clone(&meter));
        to.write_all(&all).await.expect("it writes");
        assert_eq!(meter.peak.load(Relaxed), 300_000);
    }
}
