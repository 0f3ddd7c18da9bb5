//! It blocks its thread until the file is written, and on a slow disk it is not written while this runs.
//! message: the run has not ended after 20 s

use std::{io, path::Path, thread};

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tempfile::tempdir;
use tokio::{fs, fs::File, io::AsyncWriteExt, time::sleep};

async fn update(map: &Path, mut download: Download) -> anyhow::Result<()> {
    let folder = map.parent().expect("a map has a folder");
    let (file, path) = tempfile::NamedTempFile::new_in(folder)?.into_parts();
    let mut file = File::from_std(file);
    let mut length = 0;
    while let Some(piece) = download.piece().await? {
        file.write_all(piece.text.as_bytes()).await?;
        length += piece.text.len() as u64;
        while std::fs::metadata(&path)?.len() < length {
            thread::sleep(1.ms());
        }
    }
    path.persist(map)?;
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
