//! An open that waits holds up a thread of the pool, and not the loop.
//!
//! asyncio: `open(path)` inside `async def` stops every task until the system answers, which on
//! a sleeping disk, a lost network share or a pipe without a writer takes as long as it takes.
//! Tokio: `std::fs::File::open` would do the same; `tokio::fs::File::open` waits elsewhere.

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

/// A pipe can be opened once both ends are there; until then a ticker shows that the loop lives.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let pipe = folder.path().join("pipe");
    make_pipe(&pipe)?;
    let letter = read_while_ticking(&pipe, 5).await?;
    say!("read {letter:?}");
    Ok(())
}

// ANCHOR: fifo
/// Opens a pipe that has no writer before `ticks` ticks are over.
async fn read_while_ticking(pipe: &Path, ticks: u32) -> anyhow::Result<String> {
    let reader = tokio::spawn(read(pipe.to_owned()).try_lane("reader"));
    tick(ticks).lane("ticker").await;
    anyhow::ensure!(!reader.is_finished(), "a pipe was opened that has no writer");
    say!("the reader still waits");
    fs::write(pipe, "a letter").await?;
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

    /// Were the loop stopped by the reader, nobody would ever write, and `virtual_time` would
    /// report that it is blocked.
    #[test]
    fn the_loop_goes_round_while_an_open_waits() {
        let (letter, rounds) = virtual_time(async {
            let folder = tempdir().expect("a temporary folder");
            let pipe = folder.path().join("pipe");
            make_pipe(&pipe).expect("a pipe");
            let both = try_join!(read(pipe.clone()), write_after_20_rounds(&pipe));
            both.expect("both ends open")
        });
        assert_eq!((letter.as_str(), rounds), ("a letter", 20));
    }

    async fn write_after_20_rounds(pipe: &Path) -> anyhow::Result<u32> {
        let mut rounds = 0;
        while rounds < 20 {
            yield_now().await;
            rounds += 1;
        }
        fs::write(pipe, "a letter").await?;
        Ok(rounds)
    }
}
