//! files1 · 5 minutes · be certain that written bytes are in the file
//!
//! A greenhouse saves a temperature for each hour, and every write succeeds. But the last readings are
//! missing in the file. Mend `save`: when it returns `Ok`, all bytes are in the file, and if they cannot
//! be written, it returns the error.
//!
//! Section: `cargo run -p files -- flush`. Code: crates/12-files/src/flush.rs.
//! Page: docs/src/12-files.md.

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
        file.write_all(format!("{hour} h: {temperature} °C\n").as_bytes()).await?;
    }
    // TODO: where are the last bytes now?
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

#[cfg(test)]
mod tests {
    use std::io;

    use async_kit::exercise;
    use tokio::io::{BufWriter, duplex};

    use super::{run, save};

    const LOST: &str =
        "`write_all` of a `BufWriter` copies bytes into memory. Dropping it loses them.";

    #[test]
    fn every_line_is_in_the_file() {
        let run = exercise::observe_in_real_time(run());
        let lines = *run.output().as_ref().expect("the folder can be written");
        run.require(
            lines == 1440,
            format!("{lines} lines are in the file"),
            "1440 lines",
            LOST,
        );
    }

    #[test]
    fn the_file_below_the_buffer_is_flushed_too() {
        let run = exercise::observe(async {
            // Like a `File` of Tokio: it accepts bytes, and writes them later.
            let mut file = BufWriter::new(Vec::new());
            save(&[20.5, 21.0], &mut file).await.expect("memory is not full");
            file.get_ref().len()
        });
        let mistake = "A `File` accepts bytes and writes them later, as a `BufWriter` does: it needs a flush too.";
        run.returns("0 h: 20.5 °C\n1 h: 21 °C\n".len(), mistake);
    }

    #[test]
    fn the_error_of_the_last_write_is_returned() {
        let run = exercise::observe(async {
            // The other end is dropped, so every write fails.
            let (disk, _) = duplex(10);
            save(&[20.5, 21.0], disk).await.map_err(|error| error.kind())
        });
        let mistake = "The last write happens in the flush, and its error is the result of the flush.";
        run.returns(Err(io::ErrorKind::BrokenPipe), mistake);
    }
}
