//! What the journal holds has happened, whenever the process was killed.
//!
//! One line of JSON for each visit, appended before the next request is made. A `kill -9` may
//! tear the last line; then that page has not been visited, and is asked for again. What the
//! process has written the system keeps, so nothing is forced to the disk on the way: only a
//! power failure can lose the end of it. At the end of a session it is forced there, once.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Address, fate::Visit};

/// The first line: what the rest belongs to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heading {
    starts: Vec<String>,
}

/// Why there is no journal to write to.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] io::Error),
    /// Another process is at it.
    #[error("another crawl is writing {0}")]
    Busy(PathBuf),
    /// There is one, and nobody asked to go on with it.
    #[error("{0} holds a crawl: go on with --resume, or delete it to begin anew")]
    Exists(PathBuf),
    /// It is the journal of another crawl.
    #[error("{path} holds a crawl of {its}, not of {asked}: choose another folder")]
    Other {
        /// The journal.
        path: PathBuf,
        /// Where its crawl started.
        its: String,
        /// Where this one starts.
        asked: String,
    },
    /// A line in the middle of it is no visit, so it was not torn but changed.
    #[error("line {line} of {path} is damaged")]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        error: serde_json::Error,
    },
}

/// The history of a crawl, on disk. Its file is locked as long as it is open.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal at `path` for a crawl with these starts, new or to be gone on with.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: without `resume` a journal that exists is not overwritten.
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
        journal.mend().map_err(failed)?;
        let starts = starts.iter().map(Address::to_string).collect();
        journal.check(Heading { starts }, resume)?;
        Ok(journal)
    }

    // ANCHOR: mend
    /// Cuts off what follows the last whole line.
    fn mend(&self) -> io::Result<()> {
        let mut lines = BufReader::new(&self.file);
        let (mut line, mut whole) = (Vec::new(), 0);
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            line.clear();
        }
        self.file.set_len(whole)
    }
    // ANCHOR_END: mend

    /// Writes the heading, or compares the one that is there. A crawl that has visited nothing
    /// is no crawl to protect.
    fn check(&mut self, asked: Heading, resume: bool) -> Result<(), JournalError> {
        let path = self.path.clone();
        let (first, second) = {
            let mut lines = self.lines()?;
            (lines.next(), lines.next())
        };
        let (Some(first), Some(_)) = (first, second) else {
            let written = self.file.set_len(0).and_then(|()| self.write(&asked));
            return written.map_err(|error| JournalError::File(path, error));
        };
        if !resume {
            return Err(JournalError::Exists(path));
        }
        let line = first.map_err(|error| JournalError::File(path.clone(), error))?;
        let its: Heading = serde_json::from_str(&line).map_err(|error| {
            JournalError::Damaged { path: path.clone(), line: 1, error }
        })?;
        if its != asked {
            let [its, asked] = [its, asked].map(|heading| heading.starts.join(" "));
            return Err(JournalError::Other { path, its, asked });
        }
        Ok(())
    }

    /// What has happened so far, read as it is asked for.
    ///
    /// # Errors
    ///
    /// [`JournalError`], as each visit of it is: when it cannot be read, or was changed.
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
    /// Appends these visits. It blocks: call it on a thread that may.
    ///
    /// # Errors
    ///
    /// That of the system. Then nobody knows how much of them was written.
    pub fn append(&mut self, visits: &[Visit]) -> io::Result<()> {
        let mut lines = Vec::new();
        for visit in visits {
            serde_json::to_writer(&mut lines, visit)?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)
    }
    // ANCHOR_END: append

    /// Forces what was written to the disk. It blocks.
    ///
    /// # Errors
    ///
    /// That of the system.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&mut self, line: &Heading) -> io::Result<()> {
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
    use crate::fate::{Fate, Fetched};

    const START: &str = "http://h/";

    fn starts() -> [Address; 1] {
        [Address::parse(START).expect("an address")]
    }

    fn visit(address: &str) -> Visit {
        Visit {
            address: address.into(),
            depth: 0,
            redirects: 0,
            fate: Fate::Fetched(Fetched::default()),
            found: vec!["http://h/found".into()],
            passed_over: Vec::new(),
        }
    }

    /// A journal with two visits, closed.
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
    fn what_was_appended_is_the_history() {
        let (_folder, path) = written();
        let seen = history(&path).expect("a history");
        assert_eq!(seen, [visit(START), visit("http://h/a")]);
    }

    #[test]
    fn wherever_the_end_is_torn_off_the_whole_lines_remain() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("a journal");
        let ends: Vec<_> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
        // A prime, so that it meets every part of a line sooner or later.
        for cut in (ends[0] + 1..whole.len()).step_by(11) {
            fs::write(&path, &whole[..cut]).expect("a torn journal");
            let visits = ends[1..].iter().filter(|end| **end < cut).count();
            assert_eq!(history(&path).expect("a history").len(), visits, "cut at {cut}");
        }
    }

    #[test]
    fn what_follows_a_torn_line_begins_a_line_of_its_own() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("a journal");
        fs::write(&path, &whole[..whole.len() - 9]).expect("a torn journal");
        let mut journal = Journal::open(&path, &starts(), true).expect("a journal");
        journal.append(&[visit("http://h/b")]).expect("an append");
        drop(journal);
        let seen = history(&path).expect("a history");
        assert_eq!(seen, [visit(START), visit("http://h/b")]);
    }

    #[test]
    fn a_line_that_was_changed_is_named() {
        let (_folder, path) = written();
        let text = fs::read_to_string(&path).expect("a journal");
        fs::write(&path, text.replacen("\"fate\"", "\"fat\"", 1)).expect("a journal");
        let error = history(&path).expect_err("no history");
        assert!(matches!(error, JournalError::Damaged { line: 2, .. }), "{error}");
    }

    #[test]
    fn two_crawls_do_not_write_one_journal() {
        let (_folder, path) = written();
        let _open = Journal::open(&path, &starts(), true).expect("a journal");
        let error = Journal::open(&path, &starts(), true).expect_err("it is open");
        assert!(matches!(error, JournalError::Busy(_)), "{error}");
    }

    #[test]
    fn a_crawl_that_visited_nothing_protects_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        for start in [START, "http://other/"] {
            let starts = [Address::parse(start).expect("an address")];
            assert!(Journal::open(&path, &starts, false).is_ok(), "{start}");
        }
    }
}
