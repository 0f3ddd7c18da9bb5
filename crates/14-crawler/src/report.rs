//! The report counts each address once, by its outcome, and never counts an attempt as a page.
#![cfg(not(target_family = "wasm"))]

use std::{collections::BTreeMap, fmt, io, path::Path, time::Duration};

use async_kit::AtomicFile;
use serde::Serialize;
use tokio::{io::AsyncWriteExt, runtime::Handle};

use crate::{outcome::Outcome, visit::Visit};

/// The numbers of a crawl, including its earlier sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Pages that were fetched.
    pub fetched: u64,
    /// Their total size in bytes.
    pub bytes: u64,
    /// Addresses that may be pages but could not be fetched, by reason.
    pub failed: BTreeMap<String, u64>,
    /// The first failed address, with the full reason.
    pub first_failure: Option<String>,
    /// Addresses that were skipped, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Addresses that were found but not requested.
    pub waiting: usize,
    /// The greatest depth of a page that was fetched.
    pub depth: u32,
    /// Whether the crawl was stopped before it was done.
    pub stopped: bool,
    /// Why the crawl ended early: the first failure of this machine, with the address. A resumed
    /// crawl requests the address again.
    pub halted: Option<String>,
    /// How long this session took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
}

fn seconds<S: serde::Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(took.as_secs_f64())
}

impl Report {
    /// Counts a visit.
    pub fn count(&mut self, visit: &Visit) {
        match &visit.outcome {
            Outcome::Fetched(page) => {
                self.fetched += 1;
                self.bytes = self.bytes.saturating_add(page.bytes);
                self.depth = self.depth.max(visit.depth);
            }
            Outcome::Failed { why, .. } => {
                *self.failed.entry(why.kind()).or_default() += 1;
                let first = || format!("{}: {why}", visit.address);
                self.first_failure.get_or_insert_with(first);
            }
            Outcome::Skipped { why } => self.skip(why.kind()),
        }
    }

    fn skip(&mut self, kind: &str) {
        // `entry` would allocate a key for every address.
        match self.skipped.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.skipped.insert(kind.to_owned(), 1)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fetched, bytes, waiting, .. } = self;
        writeln!(f, "fetched {fetched} pages, {bytes} bytes")?;
        for (reason, count) in &self.failed {
            writeln!(f, "failed  {count}: {reason}")?;
        }
        for (reason, count) in &self.skipped {
            writeln!(f, "skipped {count}: {reason}")?;
        }
        match (waiting, self.stopped || self.halted.is_some()) {
            (0, _) => write!(f, "no address is left"),
            (n, true) => write!(f, "stopped: {n} addresses still wait"),
            (n, false) => {
                write!(f, "{n} addresses were not requested: max-pages is reached")
            }
        }
    }
}

/// Arbitrary: so many bytes of entries are written together.
const BUFFER_BYTES: usize = 64 * 1024;

/// The report as a file: an entry for each address, written during the crawl, and the numbers at
/// the end. Until it is complete it has a temporary name, and an older report keeps its content.
///
/// All its methods block. Call them on a thread that may block, such as that of
/// [`spawn_blocking`](tokio::task::spawn_blocking).
#[derive(Debug)]
pub struct ReportFile {
    file: AtomicFile,
    runtime: Handle,
    /// What is not yet in the file. A `BufWriter` would write it when it is dropped, and there it
    /// must not block.
    buffer: Vec<u8>,
    /// The text before the next entry.
    separator: &'static [u8],
}

#[derive(Serialize)]
struct Entry<'a> {
    address: &'a str,
    depth: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

impl ReportFile {
    /// Begins a report that `finish` will rename to `path`.
    ///
    /// # Errors
    ///
    /// The error of the system, if nothing can be written there, and an error if `path` is a folder,
    /// a device or a pipe.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime, and, as every method, on a thread that must not block.
    pub fn create(path: &Path) -> io::Result<Self> {
        let runtime = Handle::current();
        let file = runtime.block_on(AtomicFile::create(path));
        let file = file.map_err(io::Error::other)?;
        Ok(Self {
            file,
            runtime,
            buffer: b"{\"addresses\": [".to_vec(),
            separator: b"\n",
        })
    }

    /// The absolute path of the file that the report replaces. If the file exists, symbolic links are
    /// resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Adds a visit.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn add(&mut self, visit: &Visit) -> io::Result<()> {
        self.buffer.extend_from_slice(self.separator);
        self.separator = b",\n";
        serde_json::to_writer(&mut self.buffer, &Entry::of(visit))?;
        if self.buffer.len() < BUFFER_BYTES {
            return Ok(());
        }
        self.write_buffer()
    }

    fn write_buffer(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.file.write_all(&self.buffer))?;
        self.buffer.clear();
        Ok(())
    }

    /// Adds the numbers, and renames the file to its final name.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn finish(mut self, report: &Report) -> io::Result<()> {
        self.buffer.extend_from_slice(b"\n],\n\"summary\": ");
        serde_json::to_writer_pretty(&mut self.buffer, report)?;
        self.buffer.extend_from_slice(b"}\n");
        self.write_buffer()?;
        self.runtime.block_on(self.file.commit()).map_err(io::Error::other)
    }
}

impl<'a> Entry<'a> {
    fn of(visit: &'a Visit) -> Self {
        let (address, depth) = (visit.address.as_str(), visit.depth);
        let entry =
            |outcome, why| Self { address, depth, outcome, why, title: None, file: None };
        match &visit.outcome {
            Outcome::Failed { why, .. } => entry("failed", Some(why.to_string())),
            Outcome::Skipped { why } => entry("skipped", Some(why.to_string())),
            Outcome::Fetched(page) => Self {
                title: page.title.as_deref(),
                file: page.file.as_deref(),
                ..entry("fetched", None)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio::task::spawn_blocking;

    use super::*;
    use crate::outcome::Fetched;

    fn visit(n: usize) -> Visit {
        Visit {
            address: format!("http://h/{n}"),
            depth: 0,
            redirects: 0,
            outcome: Outcome::Fetched(Fetched::default()),
            found: Vec::new(),
        }
    }

    /// A buffer is written between them, and each of them is a whole report.
    #[tokio::test]
    async fn of_two_crawls_with_one_report_the_last_one_remains() {
        let work = || {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("report.json");
            let [mut one, mut other] =
                [(); 2].map(|()| ReportFile::create(&path).expect("a report"));
            for n in 0..2 * BUFFER_BYTES / 40 {
                one.add(&visit(n)).expect("an entry");
                other.add(&visit(n + 1)).expect("an entry");
            }
            assert!(!path.exists());
            for report in [one, other] {
                report.finish(&Report::default()).expect("a report");
            }
            let text = fs::read_to_string(&path).expect("the report");
            let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(report["addresses"][0]["address"], "http://h/1");
            assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
        };
        spawn_blocking(work).await.expect("no panic");
    }

    #[tokio::test]
    async fn a_report_that_is_not_finished_leaves_the_older_one_and_no_other_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        fs::write(&path, "older").expect("a report");
        let begun = path.clone();
        let report = spawn_blocking(move || {
            let mut report = ReportFile::create(&begun).expect("a report");
            report.add(&visit(1)).expect("an entry");
            report
        });
        // On a thread that must not block, as when the future of a crawl is dropped.
        drop(report.await.expect("no panic"));
        assert_eq!(fs::read_to_string(&path).expect("the report"), "older");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
