//! Every visit in the journal has happened, whenever the process is killed.
//!
//! Each visit is one line of JSON, appended before the next request starts. A `kill -9` may leave
//! the last line incomplete; then its page counts as not visited, and is requested again. The
//! operating system keeps all that the process has written, so the journal is synced to the disk
//! only once, at the end of a session. Only a power failure can lose the end of it.
#![cfg(not(target_family = "wasm"))]

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Address, visit::Visit};

/// The first line: which crawl the journal belongs to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    starts: Vec<String>,
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] io::Error),
    /// Another process has locked it.
    #[error("another crawl is writing {0}")]
    Busy(PathBuf),
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
}

impl Journal {
    /// Opens the journal at `path` for a crawl with these starts, or creates it.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: without `resume`, an existing journal is not overwritten.
    pub fn open(
        path: &Path,
        starts: &[Address],
        resume: bool,
    ) -> Result<Self, JournalError> {
        let failed = |error| JournalError::File(path.to_owned(), error);
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => JournalError::Busy(path.to_owned()),
            TryLockError::Error(error) => failed(error),
        })?;
        let mut journal = Self { file, path: path.to_owned() };
        journal.repair().map_err(failed)?;
        let starts = starts.iter().map(Address::to_string).collect();
        journal.check(Header { starts }, resume)?;
        Ok(journal)
    }

    // ANCHOR: repair
    /// Removes an incomplete last line.
    fn repair(&self) -> io::Result<()> {
        let mut lines = BufReader::new(&self.file);
        let (mut line, mut complete) = (Vec::new(), 0);
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            complete += line.len() as u64;
            line.clear();
        }
        self.file.set_len(complete)
    }
    // ANCHOR_END: repair

    /// Compares the header with the recorded one, or writes it. A journal without a visit holds
    /// nothing to protect, so it is overwritten.
    fn check(&mut self, requested: Header, resume: bool) -> Result<(), JournalError> {
        let path = self.path.clone();
        let (first, second) = {
            let mut lines = self.lines()?;
            (lines.next(), lines.next())
        };
        let (Some(first), Some(_)) = (first, second) else {
            let written = self.file.set_len(0).and_then(|()| self.write(&requested));
            return written.map_err(|error| JournalError::File(path, error));
        };
        if !resume {
            return Err(JournalError::Exists(path));
        }
        let line = first.map_err(|error| JournalError::File(path.clone(), error))?;
        let recorded: Header = serde_json::from_str(&line).map_err(|error| {
            JournalError::Damaged { path: path.clone(), line: 1, error }
        })?;
        if recorded != requested {
            let [recorded, requested] =
                [recorded, requested].map(|header| header.starts.join(" "));
            return Err(JournalError::Other { path, recorded, requested });
        }
        Ok(())
    }

    /// The visits so far. The file is read while the iterator advances.
    ///
    /// # Errors
    ///
    /// [`JournalError`], here and for each visit: if the file cannot be read, or was changed.
    pub fn history(
        &self,
    ) -> Result<impl Iterator<Item = Result<Visit, JournalError>>, JournalError> {
        let path = self.path.clone();
        let visit = move |(at, line): (usize, io::Result<String>)| {
            let line = line.map_err(|error| JournalError::File(path.clone(), error))?;
            serde_json::from_str(&line).map_err(|error| JournalError::Damaged {
                path: path.clone(),
                line: at + 1,
                error,
            })
        };
        Ok(self.lines()?.enumerate().skip(1).map(visit))
    }

    fn lines(&self) -> Result<io::Lines<BufReader<File>>, JournalError> {
        let failed = |error| JournalError::File(self.path.clone(), error);
        let mut file = self.file.try_clone().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(BufReader::new(file).lines())
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
        let mut lines = Vec::new();
        for visit in visits {
            serde_json::to_writer(&mut lines, visit)?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)
    }
    // ANCHOR_END: append

    /// Syncs the journal to the disk. It blocks.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&mut self, line: &Header) -> io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::outcome::{Fetched, Outcome};

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
        // The step is a prime, so the cuts fall into different parts of a line.
        for cut in (ends[0] + 1..whole.len()).step_by(11) {
            fs::write(&path, &whole[..cut]).expect("a cut journal");
            let visits = ends[1..].iter().filter(|end| **end < cut).count();
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
