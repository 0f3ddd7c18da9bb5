//! The report counts each address once, by its outcome, and never counts an attempt as a page.
#![cfg(not(target_family = "wasm"))]

use std::{
    collections::BTreeMap,
    fmt,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;

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
    /// The first page that could not be saved, with the reason. It ended the crawl early. A resumed
    /// crawl requests the page again.
    pub unsaved: Option<String>,
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
        match (waiting, self.stopped || self.unsaved.is_some()) {
            (0, _) => write!(f, "no address is left"),
            (n, true) => write!(f, "stopped: {n} addresses still wait"),
            (n, false) => {
                write!(f, "{n} addresses were not requested: max-pages is reached")
            }
        }
    }
}

/// The report as a file: an entry for each address, written during the crawl, and the numbers at
/// the end. Until it is complete it has a temporary name.
#[derive(Debug)]
pub struct ReportFile {
    out: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    entries: u64,
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
    /// The error of the system, if nothing can be written there.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut out = BufWriter::new(File::create(&part)?);
        out.write_all(b"{\"addresses\": [")?;
        Ok(Self { out, part, path: path.to_owned(), entries: 0 })
    }

    /// Adds a visit. It blocks.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn add(&mut self, visit: &Visit) -> io::Result<()> {
        let comma = if self.entries == 0 { "\n" } else { ",\n" };
        self.entries += 1;
        self.out.write_all(comma.as_bytes())?;
        Ok(serde_json::to_writer(&mut self.out, &Entry::of(visit))?)
    }

    /// Adds the numbers, and renames the file to its final name. It blocks.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn finish(mut self, report: &Report) -> io::Result<()> {
        self.out.write_all(b"\n],\n\"summary\": ")?;
        serde_json::to_writer_pretty(&mut self.out, report)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        std::fs::rename(&self.part, &self.path)
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
