//! The log has every decision of every scheduler, and only the scheduler that claimed it last can add one.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use crawler::Visit;

use super::{
    CrawlError,
    parts::{Assembly, Part, split},
    patience::patiently,
};
use crate::{AppendError, Log};

/// How many entries are read with one request. An entry has up to half a mebibyte.
const MAX_READ: usize = 64;

/// Reads a log once, from its beginning.
#[derive(Default)]
pub(super) struct Reader {
    /// The number of the last entry that was read.
    after: u64,
    /// The first parts of a record whose last part is not yet there.
    cut_off: Assembly,
}

impl Reader {
    /// Calls `each` for the visits that were appended since the last call.
    pub(super) async fn read(
        &mut self,
        log: &dyn Log,
        mut each: impl FnMut(Visit),
    ) -> Result<(), CrawlError> {
        loop {
            let entries = patiently(|| log.read(self.after, MAX_READ)).await?;
            if entries.is_empty() {
                return Ok(());
            }
            for entry in entries {
                self.after = entry.number;
                let visits = self.visits(&entry.body);
                visits
                    .ok_or(CrawlError::Damaged(entry.number))?
                    .into_iter()
                    .for_each(&mut each);
            }
        }
    }

    fn visits(&mut self, body: &Bytes) -> Option<Vec<Visit>> {
        let part = Part::decode(body)?;
        // The scheduler that wrote the parts before it has died.
        if part.header.part == 0 {
            self.cut_off = Assembly::default();
        }
        let Some(record) = self.cut_off.add(part) else { return Some(Vec::new()) };
        serde_json::from_slice(&record).ok()
    }
}

/// The visits of a log, one for each address. A scheduler decides again which addresses are beyond the
/// limits, so these are in the log once for each scheduler.
pub(super) async fn visits(log: &dyn Log) -> Result<Vec<Visit>, CrawlError> {
    let (mut visits, mut index) = (Vec::<Visit>::new(), HashMap::<String, usize>::new());
    let newest = |visit: Visit| match index.get(&visit.address) {
        Some(at) => visits[*at] = visit,
        None => {
            index.insert(visit.address.clone(), visits.len());
            visits.push(visit);
        }
    };
    Reader::default().read(log, newest).await?;
    Ok(visits)
}

/// The end of the log, of which this process is the only writer.
pub(super) struct Writer {
    log: Arc<dyn Log>,
    after: u64,
    /// The name of this writer: two of them never append the same bytes.
    name: String,
}

impl Writer {
    /// Reads the log to its end, and claims it: every later append of another writer fails.
    pub(super) async fn claim(
        log: Arc<dyn Log>,
        name: String,
        mut each: impl FnMut(Visit),
    ) -> Result<Self, CrawlError> {
        let (mut reader, mut writer) = (Reader::default(), Self { log, after: 0, name });
        loop {
            reader.read(&*writer.log, &mut each).await?;
            writer.after = reader.after;
            match writer.append(&[]).await {
                // The predecessor has added one in the meantime.
                Err(CrawlError::TakenOver) => {}
                claimed => return claimed.map(|()| writer),
            }
        }
    }

    // ANCHOR: append
    /// Appends visits.
    ///
    /// # Errors
    ///
    /// [`CrawlError::TakenOver`] if another process has claimed the log.
    pub(super) async fn append(&mut self, visits: &[Visit]) -> Result<(), CrawlError> {
        let record = serde_json::to_vec(visits).expect("plain data");
        for entry in split(&self.name, &record) {
            self.after = self.append_entry(entry).await?;
        }
        Ok(())
    }

    async fn append_entry(&self, entry: Bytes) -> Result<u64, CrawlError> {
        let appended = patiently(|| self.log.append(self.after, entry.clone())).await;
        if !matches!(appended, Err(CrawlError::TakenOver)) {
            return appended;
        }
        // The answer to the first of two attempts may have been lost.
        let next = patiently(|| self.log.read(self.after, 1)).await?;
        let next = next.first().filter(|next| next.body == entry);
        next.map(|next| next.number).ok_or(CrawlError::TakenOver)
    }
    // ANCHOR_END: append

    /// Checks that no other process has claimed the log by now.
    pub(super) async fn check(&self) -> Result<(), CrawlError> {
        let is_last = patiently(|| self.log.read(self.after, 1)).await?.is_empty();
        is_last.then_some(()).ok_or(CrawlError::TakenOver)
    }
}

impl super::patience::Passing for AppendError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Broker(error) if error.is_passing())
    }
}
