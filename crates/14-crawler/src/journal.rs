//! Every visit in the journal has happened, whenever the process is killed.
//!
//! Each visit is one line of JSON, appended before the next request starts. A `kill -9` may leave
//! the last line incomplete; then its page counts as not visited, and is requested again. The
//! operating system keeps all that the process has written, so the journal is synced to the disk
//! only once, at the end of a session. Only a power failure can lose the end of it.
#![cfg(not(target_family = "wasm"))]

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, Write},
    iter,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::Error};

use crate::{
    Address,
    outcome::{Outcome, Skip},
    visit::Visit,
};

/// The first line: which crawl the journal belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    #[serde(rename = "crawl-journal")]
    version: u32,
    starts: Vec<String>,
}

/// How every journal begins that this program can read. The number changes with the meaning of a
/// line: before 2, a line also held the addresses that were skipped.
const BEGINNING: &[u8] = b"{\"crawl-journal\":2,\"starts\":[";
const VERSION: u32 = 2;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] io::Error),
    /// Another process has locked it.
    #[error("another crawl is writing {0}")]
    Busy(PathBuf),
    /// It is another file, or the journal of another version of this program.
    #[error("{0} is not a journal of this crawler: choose another folder")]
    Foreign(PathBuf),
    /// It exists, and `resume` is not set.
    #[error("{0} holds a crawl: continue it with --resume, or delete it to start again")]
    Exists(PathBuf),
    /// It is the journal of another crawl.
    #[error(
        "{path} holds a crawl of {recorded}, not of {requested}: choose another folder"
    )]
    Other {
        /// The journal.
        path: PathBuf,
        /// Where its crawl started.
        recorded: String,
        /// Where this one starts.
        requested: String,
    },
    /// A complete line is not a visit. Only a change of the file can cause that.
    #[error("line {line} of {path} is damaged")]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        error: serde_json::Error,
    },
}

/// The history of a crawl, on disk. Its file is locked while the journal is open.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// Where the complete lines of an earlier crawl end. The first append removes the rest.
    complete: Option<u64>,
}

impl Journal {
    /// Opens the journal at `path` for a crawl with these starts, or creates it. A journal without a
    /// visit holds nothing to protect, so it is overwritten.
    ///
    /// # Errors
    ///
    /// [`JournalError`]. Then an existing file is as it was. In particular, without `resume` no
    /// visit is overwritten.
    pub fn open(
        path: &Path,
        starts: &[Address],
        resume: bool,
    ) -> Result<Self, JournalError> {
        let failed = |error| JournalError::File(path.to_owned(), error);
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(JournalError::Foreign(path.to_owned()));
        }
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::Busy(path.to_owned()),
            TryLockError::Error(error) => failed(error),
        })?;
        let mut journal = Self { file, path: path.to_owned(), complete: None };
        // Nothing is changed before everything is checked.
        match journal.recorded()? {
            Some(starts_before) => {
                journal.check(&starts_before, starts, resume)?;
                journal.complete = Some(journal.end_of_lines().map_err(failed)?);
            }
            None => journal.begin(starts).map_err(failed)?,
        }
        Ok(journal)
    }

    /// The starts of the crawl in the journal, or `None` if it has no visit.
    fn recorded(&self) -> Result<Option<Vec<String>>, JournalError> {
        let failed = |error| JournalError::File(self.path.clone(), error);
        let mut lines = self.reader()?;
        let mut beginning = Vec::new();
        let length = BEGINNING.len() as u64;
        lines.by_ref().take(length).read_to_end(&mut beginning).map_err(failed)?;
        // A kill may have left an incomplete first line.
        if !BEGINNING.starts_with(&beginning) {
            return Err(JournalError::Foreign(self.path.clone()));
        }
        let (mut header, mut visit) = (beginning, Vec::new());
        lines.read_until(b'\n', &mut header).map_err(failed)?;
        if !header.ends_with(b"\n") {
            return Ok(None);
        }
        let header = serde_json::from_slice::<Header>(&header);
        let header = header.map_err(|error| self.damaged(1, error))?;
        lines.read_until(b'\n', &mut visit).map_err(failed)?;
        Ok(Some(header.starts).filter(|_| visit.ends_with(b"\n")))
    }

    fn check(
        &self,
        recorded: &[String],
        requested: &[Address],
        resume: bool,
    ) -> Result<(), JournalError> {
        let path = self.path.clone();
        if !resume {
            return Err(JournalError::Exists(path));
        }
        let is_same = |(recorded, requested): (&String, &Address)| {
            Address::parse(recorded).is_ok_and(|recorded| recorded == *requested)
        };
        if recorded.len() == requested.len()
            && recorded.iter().zip(requested).all(is_same)
        {
            return Ok(());
        }
        let requested: Vec<_> = requested.iter().map(Address::as_str).collect();
        let (recorded, requested) = (recorded.join(" "), requested.join(" "));
        Err(JournalError::Other { path, recorded, requested })
    }

    // ANCHOR: repair
    /// Where the last complete line ends.
    fn end_of_lines(&self) -> io::Result<u64> {
        let mut lines = BufReader::new(&self.file);
        let (mut line, mut complete) = (Vec::new(), 0);
        lines.rewind()?;
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            complete += line.len() as u64;
            line.clear();
        }
        Ok(complete)
    }

    /// Removes an incomplete last line.
    fn repair(&mut self) -> io::Result<()> {
        match self.complete.take() {
            Some(complete) => self.file.set_len(complete),
            None => Ok(()),
        }
    }
    // ANCHOR_END: repair

    fn begin(&mut self, starts: &[Address]) -> io::Result<()> {
        let starts = starts.iter().map(Address::to_string).collect();
        let mut line = serde_json::to_vec(&Header { version: VERSION, starts })?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.file.write_all(&line)
    }

    /// The visits of earlier crawls. The file is read while the iterator advances.
    ///
    /// # Errors
    ///
    /// [`JournalError`], here and for each visit: if the file cannot be read, or was changed.
    pub fn history(
        &self,
    ) -> Result<impl Iterator<Item = Result<Visit, JournalError>>, JournalError> {
        let lines = self.reader()?.take(self.complete.unwrap_or(u64::MAX)).split(b'\n');
        let visit = |(at, line): (usize, io::Result<Vec<u8>>)| {
            let line = line.map_err(|e| JournalError::File(self.path.clone(), e))?;
            // The first line is the header, so line 1 has the first visit.
            visit(&line, at - 1).map_err(|error| self.damaged(at + 1, error))
        };
        Ok(lines.enumerate().skip(1).map(visit))
    }

    /// Reads the whole journal, from its first line.
    fn reader(&self) -> Result<BufReader<File>, JournalError> {
        let failed = |error| JournalError::File(self.path.clone(), error);
        let mut file = self.file.try_clone().map_err(failed)?;
        file.rewind().map_err(failed)?;
        Ok(BufReader::new(file))
    }

    fn damaged(&self, line: usize, error: serde_json::Error) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), line, error }
    }

    // ANCHOR: append
    /// Appends these visits. It blocks: call it on a thread that may block.
    ///
    /// # Errors
    ///
    /// The error of the system. Then any part of the visits may have been written.
    pub fn append<'a>(
        &mut self,
        visits: impl IntoIterator<Item = &'a Visit>,
    ) -> io::Result<()> {
        self.repair()?;
        let mut lines = Vec::new();
        for visit in visits {
            serde_json::to_writer(&mut lines, visit)?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)
    }
    // ANCHOR_END: append

    /// Whether this absolute path, without a symbolic link, is that of the journal.
    pub(crate) fn leads_to(&self, path: &Path) -> Result<bool, JournalError> {
        let journal = self.path.canonicalize();
        let journal = journal.map_err(|e| JournalError::File(self.path.clone(), e))?;
        Ok(journal == path)
    }

    /// Syncs the journal to the disk. It blocks.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Reads a visit that `before` others precede.
fn visit(line: &[u8], before: usize) -> serde_json::Result<Visit> {
    let visit: Visit = serde_json::from_slice(line)?;
    let moved_to = match &visit.outcome {
        Outcome::Skipped { why: Skip::Moved(to) } => Some(to),
        _ => None,
    };
    for address in iter::once(&visit.address).chain(moved_to).chain(&visit.found) {
        Address::parse(address).map_err(serde_json::Error::custom)?;
    }
    // Each step to an address is the visit of another one.
    if visit.depth as usize + usize::from(visit.redirects) > before {
        return Err(serde_json::Error::custom("no path is so long"));
    }
    Ok(visit)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::outcome::Fetched;

    const START: &str = "http://h/";

    fn starts() -> [Address; 1] {
        [Address::parse(START).expect("an address")]
    }

    fn visit(address: &str) -> Visit {
        Visit {
            address: address.into(),
            depth: 0,
            redirects: 0,
            outcome: Outcome::Fetched(Fetched::default()),
            found: vec!["http://h/found".into()],
        }
    }

    /// A closed journal with two visits.
    fn written() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::open(&path, &starts(), false).expect("a journal");
        journal.append(&[visit(START), visit("http://h/a")]).expect("an append");
        (folder, path)
    }

    fn history(path: &Path) -> Result<Vec<Visit>, JournalError> {
        Journal::open(path, &starts(), true)?.history()?.collect()
    }

    #[test]
    fn the_history_is_what_was_appended() {
        let (_folder, path) = written();
        let seen = history(&path).expect("a history");
        assert_eq!(seen, [visit(START), visit("http://h/a")]);
    }

    #[test]
    fn wherever_the_end_is_cut_off_the_complete_lines_remain() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("a journal");
        let ends: Vec<_> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).expect("a cut journal");
            let lines = ends.iter().filter(|end| **end < cut).count();
            let visits = lines.saturating_sub(1);
            assert_eq!(history(&path).expect("a history").len(), visits, "cut at {cut}");
        }
    }

    #[test]
    fn a_visit_after_an_incomplete_line_starts_a_new_line() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("a journal");
        fs::write(&path, &whole[..whole.len() - 9]).expect("a cut journal");
        let mut journal = Journal::open(&path, &starts(), true).expect("a journal");
        journal.append(&[visit("http://h/b")]).expect("an append");
        drop(journal);
        let seen = history(&path).expect("a history");
        assert_eq!(seen, [visit(START), visit("http://h/b")]);
    }

    #[test]
    fn the_error_names_the_line_that_was_changed() {
        let (_folder, path) = written();
        let text = fs::read_to_string(&path).expect("a journal");
        fs::write(&path, text.replacen("\"outcome\"", "\"outcom\"", 1))
            .expect("a journal");
        let error = history(&path).expect_err("no history");
        assert!(matches!(error, JournalError::Damaged { line: 2, .. }), "{error}");
    }

    /// The error of opening a file with this content, which must not change.
    fn refused(content: &[u8], resume: bool) -> JournalError {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, content).expect("a file");
        let text = String::from_utf8_lossy(content);
        let error = Journal::open(&path, &starts(), resume);
        let error = error.err().unwrap_or_else(|| panic!("it was opened: {text}"));
        assert_eq!(fs::read(&path).expect("the file"), content, "{error}");
        error
    }

    #[test]
    fn a_foreign_file_is_refused_and_not_changed() {
        for content in [
            "{\"text\":\"another log\"}\n",
            "no line break",
            "three\nlines\nof text",
            "{\"starts\":[\"http://h/\"]}\n",
            "{\"crawl-journal\":1,\"starts\":[\"http://h/\"]}\n",
            "\n",
            " ",
            "{\"crawl-journal\":x",
        ] {
            for resume in [false, true] {
                let error = refused(content.as_bytes(), resume);
                assert!(matches!(error, JournalError::Foreign(_)), "{content}: {error}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_no_journal() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        std::os::unix::fs::symlink("/dev/null", &path).expect("a link");
        let error = Journal::open(&path, &starts(), true).expect_err("a device");
        assert!(matches!(error, JournalError::Foreign(_)), "{error}");
    }

    #[test]
    fn a_journal_that_is_refused_keeps_its_incomplete_last_line() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("a journal");
        let cut = &whole[..whole.len() - 9];
        assert!(matches!(refused(cut, false), JournalError::Exists(_)));
        let text = String::from_utf8_lossy(cut).replacen("http://h/", "http://other/", 1);
        assert!(matches!(refused(text.as_bytes(), true), JournalError::Other { .. }));
        let text = text.replacen("]", "", 1);
        let error = refused(text.as_bytes(), true);
        assert!(matches!(error, JournalError::Damaged { line: 1, .. }), "{error}");
    }

    #[test]
    fn the_starts_of_a_resumed_crawl_may_be_spelt_otherwise() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let at = |text| [Address::parse(text).expect("an address")];
        let mut journal = Journal::open(&path, &at("http://h/%7e"), false).expect("one");
        journal.append(&[visit("http://h/%7e")]).expect("an append");
        drop(journal);
        assert!(Journal::open(&path, &at("http://H:80/~#top"), true).is_ok());
    }

    #[test]
    fn a_line_that_no_crawl_writes_is_damaged() {
        for (from, to, why) in [
            ("\"depth\":0", "\"depth\":4294967295", "no path is so long"),
            ("\"depth\":0", "\"depth\":4294967296", "invalid value"),
            ("\"depth\":0", "\"depth\":0,\"redirects\":255", "no path is so long"),
            ("\"depth\":0", "\"depth\":-1", "invalid value"),
            ("http://h/a", "not an address", "not an address"),
            ("http://h/found", "mailto:ada", "not a web address"),
            (
                "\"fetched\"",
                "\"skipped\",\"why\":{\"moved\":\"/a\"}",
                "\"/a\" is not an address",
            ),
            ("{", "\0\0", "expected value"),
        ] {
            let (_folder, path) = written();
            let text = fs::read_to_string(&path).expect("a journal");
            let end = text.rfind("{\"address").expect("the last line");
            let (lines, last) = text.split_at(end);
            fs::write(&path, lines.to_owned() + &last.replacen(from, to, 1))
                .expect("one");
            let mut damaged = fs::read(&path).expect("a journal");
            damaged.extend_from_slice(b"an incomplete line");
            fs::write(&path, &damaged).expect("a journal");
            let error = history(&path).expect_err("a damaged line");
            assert!(matches!(error, JournalError::Damaged { line: 3, .. }), "{error}");
            assert_eq!(fs::read(&path).expect("the journal"), damaged);
            let error = format!("{:#}", anyhow::Error::from(error));
            assert!(error.contains(why), "{to}: {error}");
        }
    }

    #[test]
    fn a_line_that_is_not_utf_8_is_damaged_as_any_other() {
        let (_folder, path) = written();
        let mut journal = fs::read(&path).expect("a journal");
        let end =
            journal.windows(5).rposition(|bytes| bytes == b"found").expect("a link");
        journal[end] = 0xff;
        fs::write(&path, &journal).expect("a journal");
        let error = history(&path).expect_err("a damaged line");
        assert!(matches!(error, JournalError::Damaged { line: 3, .. }), "{error}");
    }

    #[test]
    fn a_first_line_that_is_complete_and_no_header_is_damaged_and_not_changed() {
        let header = "{\"crawl-journal\":2,\"starts\":[";
        for line in ["my notes\n", "\"http://h/\"],\"x\n", "]\n", "1]}\n"] {
            for resume in [false, true] {
                let error = refused(format!("{header}{line}").as_bytes(), resume);
                assert!(
                    matches!(error, JournalError::Damaged { line: 1, .. }),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn two_crawls_cannot_write_the_same_journal() {
        let (_folder, path) = written();
        let _open = Journal::open(&path, &starts(), true).expect("a journal");
        let error = Journal::open(&path, &starts(), true).expect_err("it is open");
        assert!(matches!(error, JournalError::Busy(_)), "{error}");
    }

    #[test]
    fn a_journal_without_a_visit_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        for start in [START, "http://other/"] {
            let starts = [Address::parse(start).expect("an address")];
            assert!(Journal::open(&path, &starts, false).is_ok(), "{start}");
        }
    }
}
