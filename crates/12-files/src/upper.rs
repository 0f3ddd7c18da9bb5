//! When many files are converted concurrently, one that fails stops no other.
//!
//! asyncio: `aiofiles` in a `gather`: the first error is raised, and the outcomes of the other
//! files are lost. Tokio: the same calls with a bound, and one outcome for each file; a report
//! counts both kinds. Each output is replaced as a whole, so a failure leaves no partial output.
//! For a file that does not fit into memory, see `stages`.

#![cfg(not(target_family = "wasm"))]

use std::{
    fs,
    path::{Path, PathBuf},
};

use async_kit::{AtomicFileError, Lane, atomic_write, say};
use futures::{StreamExt, stream};
use tempfile::tempdir;

use crate::text_file::{ReadError, read_text};

/// Five inputs: three valid ones of 26 characters each, one missing, and one that is not text.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = tempdir()?;
    let report = convert_all(samples(folder.path())?).await;
    say!("{} files, {} characters", report.written.len(), report.characters());
    for failure in report.failures {
        say!("failed: {:#}", anyhow::Error::from(failure));
    }
    Ok(())
}

// ANCHOR: upper
async fn convert_all(jobs: Vec<(PathBuf, PathBuf)>) -> Report {
    let outcomes = stream::iter(jobs)
        .map(|(input, output)| async move {
            let lane = input.file_name().unwrap_or_default().to_string_lossy();
            convert(&input, &output).try_lane(lane).await
        })
        // Arbitrary: a higher limit keeps more files open, and the disk is hardly faster.
        .buffered(4)
        .collect::<Vec<_>>()
        .await;
    let mut report = Report::default();
    for outcome in outcomes {
        match outcome {
            Ok(characters) => report.written.push(characters),
            Err(failure) => report.failures.push(failure),
        }
    }
    report
}

/// Returns how many characters it read; the upper-case text may have more.
async fn convert(input: &Path, output: &Path) -> Result<usize, ConvertError> {
    let text = read_text(input).step("reading").await?;
    atomic_write(output, text.to_uppercase()).step("writing").await?;
    Ok(text.chars().count())
}

#[derive(Debug, thiserror::Error)]
enum ConvertError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] AtomicFileError),
}

#[derive(Debug, Default)]
struct Report {
    written: Vec<usize>,
    failures: Vec<ConvertError>,
}
// ANCHOR_END: upper

impl Report {
    fn characters(&self) -> usize {
        self.written.iter().sum()
    }
}

fn samples(folder: &Path) -> anyhow::Result<Vec<(PathBuf, PathBuf)>> {
    for n in [1, 2, 5] {
        fs::write(folder.join(format!("input{n}.txt")), "abcdefghijklmnopqrstuvwxyz")?;
    }
    fs::write(folder.join("input4.txt"), b"abc\xff")?;
    let jobs = (1..=5).map(|n| {
        (folder.join(format!("input{n}.txt")), folder.join(format!("output{n}.txt")))
    });
    Ok(jobs.collect())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    async fn converted() -> (TempDir, Report) {
        let folder = tempdir().expect("a temporary folder");
        let report = convert_all(samples(folder.path()).expect("its files")).await;
        (folder, report)
    }

    #[tokio::test]
    async fn three_files_of_five_are_converted_and_counted() {
        let (folder, report) = converted().await;
        assert_eq!((report.written.len(), report.characters()), (3, 78), "{report:?}");
        for n in [1, 2, 5] {
            let text = fs::read_to_string(folder.path().join(format!("output{n}.txt")));
            assert_eq!(text.expect("it is there"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        }
    }

    #[tokio::test]
    async fn each_failure_names_its_file_and_leaves_no_output() {
        let (folder, report) = converted().await;
        let texts: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts[0].ends_with("input3.txt"), "{texts:?}");
        assert!(texts[1].ends_with("input4.txt is not text"), "{texts:?}");
        for n in [3, 4] {
            let output = folder.path().join(format!("output{n}.txt"));
            assert!(!output.exists(), "{}", output.display());
        }
    }

    #[tokio::test]
    async fn the_count_is_of_the_characters_read_and_not_of_those_written() {
        let folder = tempdir().expect("a temporary folder");
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&input, "straße").expect("a file");
        let count = convert(&input, &output).await.expect("it converts");
        assert_eq!(count, 6, "six characters were read");
        let upper = fs::read_to_string(&output).expect("it is there");
        assert_eq!(upper, "STRASSE", "and seven written");
    }
}
