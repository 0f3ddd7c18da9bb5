//! An entry is appended only if it follows the last one.

use std::sync::Arc;

use bytes::Bytes;

use crate::{AppendError, Entry, MAX_BODY};

#[derive(Debug)]
pub(super) struct LogState {
    pub(super) name: Arc<str>,
    entries: Vec<Bytes>,
    /// Entries that are planned and not yet committed.
    planned: usize,
}

impl LogState {
    pub(super) fn new(name: Arc<str>, entries: Vec<Bytes>) -> Self {
        Self { name, entries, planned: 0 }
    }

    /// Reserves the number of the next entry.
    pub(super) fn plan(&mut self, after: u64, size: usize) -> Result<u64, AppendError> {
        if size > MAX_BODY {
            return Err(AppendError::TooLarge { size, limit: MAX_BODY });
        }
        let last = (self.entries.len() + self.planned) as u64;
        if after != last {
            return Err(AppendError::Conflict { after });
        }
        self.planned += 1;
        Ok(last + 1)
    }

    pub(super) fn apply(&mut self, body: Bytes) {
        self.planned -= 1;
        self.entries.push(body);
    }

    pub(super) fn revert(&mut self) {
        self.planned -= 1;
    }

    pub(super) fn read(&self, after: u64, max: usize) -> Vec<Entry> {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let entries = self.entries.iter().enumerate().skip(after).take(max);
        let entry = |(at, body): (usize, &Bytes)| Entry {
            number: at as u64 + 1,
            body: body.clone(),
        };
        entries.map(entry).collect()
    }
}
