//! files3 · 15 minutes · replace a file by a download, or keep the old file
//!
//! A navigation device downloads a new map, in pieces, because a map is larger than its memory. If the
//! connection breaks off, or the driver cancels the update, the device has half a map. Mend `update`:
//! wherever it ends, the folder has the old map or the whole new one, and no other file. Memory never
//! holds more than two pieces.
//!
//! Section: `cargo run -p files -- fetch_first`. Code: crates/12-files/src/fetch_first.rs.
//! Page: docs/src/12-files.md.

use std::{io, path::Path};

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tempfile::tempdir;
use tokio::{fs, fs::File, io::AsyncWriteExt, time::sleep};

async fn update(map: &Path, mut download: Download) -> anyhow::Result<()> {
    // TODO: the old map must be there until the new one is complete.
    let mut file = File::create(map).await?;
    while let Some(piece) = download.piece().await? {
        file.write_all(piece.text.as_bytes()).await?;
    }
    file.flush().await?;
    Ok(())
}

/// A part of a map, which counts as long as it is in memory. Do not change what follows.
struct Piece {
    text: &'static str,
    _alive: Counted,
}

/// Four pieces, 20 ms apart. With `breaks`, the connection breaks off after the second one.
struct Download {
    pieces: Vec<&'static str>,
    breaks: bool,
    alive: Tally,
}

impl Download {
    fn new(breaks: bool, alive: Tally) -> Self {
        Self { pieces: vec!["names", "towns ", "rivers ", "roads "], breaks, alive }
    }

    async fn piece(&mut self) -> io::Result<Option<Piece>> {
        let Some(text) = self.pieces.pop() else { return Ok(None) };
        sleep(20.ms()).step("downloading").await;
        if self.breaks && self.pieces.len() == 1 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(Some(Piece { text, _alive: self.alive.track() }))
    }
}

/// Updates an old map, and returns what is in its folder afterwards.
async fn run(download: Download) -> anyhow::Result<Vec<String>> {
    let folder = tempdir()?;
    let map = folder.path().join("map");
    fs::write(&map, "old").await?;
    if let Err(error) = update(&map, download).try_lane("update").await {
        say!("the update failed: {error}");
    }
    files(folder.path())
}

/// The names and contents of all files in a folder.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let files = std::fs::read_dir(folder)?.map(|file| {
        let file = file?;
        let text = std::fs::read_to_string(file.path())?;
        Ok(format!("{}: {text}", file.file_name().display()))
    });
    files.collect()
}

fn main() {
    exercise::show(run(Download::new(true, Tally::default())));
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::pin,
        sync::{Arc, Mutex},
    };

    use async_kit::{
        Lane,
        exercise::{self, Tally},
    };
    use tempfile::tempdir;
    use tokio::{runtime::Builder, task::spawn_blocking};

    use super::{Download, files, run, update};

    const OLD: [&str; 1] = ["map: old"];
    const NEW: [&str; 1] = ["map: roads rivers towns names"];

    #[test]
    fn a_download_that_breaks_off_keeps_the_old_map() {
        let run = exercise::observe(run(Download::new(true, Tally::default())));
        let files = run.output().as_ref().expect("the folder can be read");
        let mistake = match files.len() {
            0 => "The old map is removed before the new one is complete.",
            1 => {
                "The map is replaced before the download is complete, or although it failed."
            }
            _ => {
                "The temporary file is not removed on an early return. Let `drop` remove it."
            }
        };
        let happened = format!("the folder has {files:?}");
        run.require(*files == OLD, happened, "the old map, alone", mistake);
    }

    #[test]
    fn a_complete_download_replaces_the_map_and_memory_holds_two_pieces() {
        let alive = Tally::default();
        let run = exercise::observe(run(Download::new(false, alive.clone())));
        let files = run.output().as_ref().expect("the folder can be read");
        let mistake = match files[..] == OLD {
            true => {
                "The new map is complete, and does not take the place of the old one."
            }
            false => {
                "Not every piece is in the new map. A buffer is written by `flush`. If a thread writes it, \
                 `flush` waits for that thread: call it before the file replaces the map."
            }
        };
        let happened = format!("the folder has {files:?}");
        run.require(*files == NEW, happened, "the new map, alone", mistake);
        let happened = format!("{} pieces were in memory at the same time", alive.peak());
        let mistake = "Write each piece when it arrives, and drop it.";
        run.require(alive.peak() <= 2, happened, "two pieces at most", mistake);
    }

    #[test]
    fn an_update_that_is_cancelled_leaves_one_whole_map() {
        exercise::cancelled_everywhere(
            async || {
                let folder = tempdir().expect("a temporary folder");
                std::fs::write(folder.path().join("map"), "old").expect("an old map");
                folder
            },
            async |folder| {
                let download = Download::new(false, Tally::default());
                update(&folder.path().join("map"), download).lane("update").await
            },
            async |folder| {
                let found = files(folder.path()).expect("the folder can be read");
                if found == OLD || found == NEW {
                    return Ok(());
                }
                // A thread may still write the last piece when the file replaces the map.
                let is_early = found == ["map: roads rivers towns "];
                let flush = "`flush` waits for that thread: call it before the file replaces the map.";
                let why = if is_early {
                    format!(". A thread writes: {flush}")
                } else {
                    String::new()
                };
                Err(format!("the folder has {found:?}{why}"))
            },
            "An update that ends before the rename must leave the old map, and remove its \
             temporary file.",
        );
    }

    /// What the map is when `update` returns, if the disk is slow.
    fn on_a_slow_disk() -> String {
        const THREADS: usize = 4;
        let folder = tempdir().expect("a temporary folder");
        let map = folder.path().join("map");
        let mut runtime = Builder::new_current_thread();
        runtime.enable_all().start_paused(true).max_blocking_threads(THREADS);
        let runtime = runtime.build().expect("a runtime");
        let (disk, mut found) = (Arc::new(Mutex::new(())), String::new());
        runtime.block_on(async {
            let mut update = pin!(update(&map, Download::new(false, Tally::default())));
            // The threads that write to files are busy while `update` is polled, so a write has
            // happened only after `update` has waited for it.
            let polled = poll_fn(|context| {
                let _busy = disk.lock();
                for _ in 0..THREADS {
                    let disk = Arc::clone(&disk);
                    spawn_blocking(move || drop(disk.lock()));
                }
                let polled = update.as_mut().poll(context);
                found = std::fs::read_to_string(&map).unwrap_or_default();
                polled
            });
            polled.await.expect("the folder can be written");
        });
        found
    }

    #[test]
    fn the_last_piece_is_in_the_file_before_the_file_replaces_the_map() {
        // On a thread, because it starts a runtime of its own.
        let run = exercise::observe_in_real_time(async {
            spawn_blocking(on_a_slow_disk).await.expect("the update does not panic")
        });
        let found = run.output();
        run.require(
            found == "roads rivers towns names",
            format!("when `update` returns, the map is {found:?}"),
            "the whole new map, also on a slow disk",
            "`write_all` of a `File` of Tokio copies the bytes, and a thread writes them later. \
             `flush` waits for that thread: call it before the file replaces the map.",
        );
    }
}
