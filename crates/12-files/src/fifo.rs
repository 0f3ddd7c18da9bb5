//! An open that blocks holds a thread of the blocking pool, and no task of the runtime waits.
//!
//! asyncio: `open(path)` inside `async def` stops every task until the system returns. That may
//! take forever on a sleeping disk, a lost network share or a pipe without a writer. Tokio:
//! `std::fs::File::open` would do the same; `tokio::fs::File::open` blocks a pool thread instead.

#![cfg(not(target_family = "wasm"))]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use async_kit::{Lane, Millis, say};
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::AsyncReadExt,
    time::sleep,
};

/// A pipe opens when both ends exist; until then a ticker shows that other tasks run.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let pipe = folder.path().join("pipe");
    make_pipe(&pipe)?;
    let message = read_while_ticking(&pipe, 5).await?;
    say!("read {message:?}");
    Ok(())
}

// ANCHOR: fifo
/// Opens a pipe that gets its writer only after `ticks` ticks.
async fn read_while_ticking(pipe: &Path, ticks: u32) -> anyhow::Result<String> {
    let reader = tokio::spawn(read(pipe.to_owned()).try_lane("reader"));
    tick(ticks).lane("ticker").await;
    anyhow::ensure!(!reader.is_finished(), "the pipe opened without a writer");
    say!("the reader still waits");
    fs::write(pipe, "a message").await?;
    reader.await?
}

async fn read(pipe: PathBuf) -> anyhow::Result<String> {
    let mut file = File::open(pipe).step("opening").await?;
    let mut text = String::new();
    file.read_to_string(&mut text).await?;
    Ok(text)
}

async fn tick(ticks: u32) {
    for n in 1..=ticks {
        sleep(20.ms()).await;
        say!("tick {n}");
    }
}
// ANCHOR_END: fifo

fn make_pipe(path: &Path) -> anyhow::Result<()> {
    let made =
        Command::new("mkfifo").arg(path).status().context("mkfifo did not start")?;
    anyhow::ensure!(made.success(), "mkfifo failed: {made}");
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use async_kit::virtual_time;
    use tokio::{task::yield_now, try_join};

    use super::*;

    /// If the reader blocked the runtime, the writer would never run, and `virtual_time` would
    /// report that the run is blocked.
    #[test]
    fn other_tasks_run_while_an_open_blocks() {
        let (message, yields) = virtual_time(async {
            let folder = tempdir().expect("a temporary folder");
            let pipe = folder.path().join("pipe");
            make_pipe(&pipe).expect("a pipe");
            let both = try_join!(read(pipe.clone()), write_after_20_yields(&pipe));
            both.expect("both ends open")
        });
        assert_eq!((message.as_str(), yields), ("a message", 20));
    }

    async fn write_after_20_yields(pipe: &Path) -> anyhow::Result<u32> {
        let mut yields = 0;
        while yields < 20 {
            yield_now().await;
            yields += 1;
        }
        fs::write(pipe, "a message").await?;
        Ok(yields)
    }
}
