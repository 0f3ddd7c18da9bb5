//! The flush is before each write, so the last line stays in the buffer.
//! message: Dropping it loses them.

use std::io;

use async_kit::{exercise, say};
use tempfile::tempdir;
use tokio::{
    fs::{self, File},
    io::{AsyncWrite, AsyncWriteExt, BufWriter},
};

/// Writes a line for each reading. `Ok` means that all of them are in the file.
async fn save(temperatures: &[f32], file: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    for (hour, temperature) in temperatures.iter().enumerate() {
        file.flush().await?;
        file.write_all(format!("{hour} h: {temperature} °C\n").as_bytes()).await?;
    }
    Ok(())
}

/// Saves the readings of two months, reads the file, and returns how many lines it has.
async fn run() -> anyhow::Result<usize> {
    let temperatures: Vec<_> = (0..1440).map(|hour| (hour % 24) as f32).collect();
    let folder = tempdir()?;
    let path = folder.path().join("greenhouse.txt");
    save(&temperatures, File::create(&path).await?).await?;
    let text = fs::read_to_string(&path).await?;
    say!("the last line is {:?}", text.lines().next_back().unwrap_or_default());
    Ok(text.lines().count())
}

fn main() {
    exercise::show_in_real_time(run());
}
