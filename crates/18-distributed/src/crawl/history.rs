//! Only the scheduler that has claimed the log last can append a decision to it.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use crawler::Visit;

use super::{
    CrawlError,
    parts::{Assembly, Part, split},
    retry::with_retries,
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
            let entries = with_retries(|| log.read(self.after, MAX_READ)).await?;
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
    /// The number of the entry with which it has claimed the log. No other writer has the same one.
    number: u64,
    /// What its entries begin with. It is random, so that two writers never append the same bytes.
    name: String,
}

impl Writer {
    /// Reads the log to its end, and claims it: every later append of another writer fails.
    pub(super) async fn claim(
        log: Arc<dyn Log>,
        mut each: impl FnMut(Visit),
    ) -> Result<Self, CrawlError> {
        let name = format!("{:016x}", fastrand::u64(..));
        let mut reader = Reader::default();
        let mut writer = Self { log, after: 0, number: 0, name };
        loop {
            reader.read(&*writer.log, &mut each).await?;
            writer.after = reader.after;
            match writer.append(&[]).await {
                // The predecessor has added one in the meantime.
                Err(CrawlError::TakenOver) => {}
                claimed => {
                    writer.number = writer.after;
                    return claimed.map(|()| writer);
                }
            }
        }
    }

    /// The number of this writer: 1 if it is the first, and greater than that of each earlier one.
    pub(super) fn number(&self) -> u64 {
        self.number
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
        let appended = with_retries(|| self.log.append(self.after, entry.clone())).await;
        if !matches!(appended, Err(CrawlError::TakenOver)) {
            return appended;
        }
        // The answer to the first of two attempts may have been lost.
        let next = with_retries(|| self.log.read(self.after, 1)).await?;
        let next = next.first().filter(|next| next.body == entry);
        next.map(|next| next.number).ok_or(CrawlError::TakenOver)
    }
    // ANCHOR_END: append

    /// Checks that no other process has claimed the log by now.
    pub(super) async fn check(&self) -> Result<(), CrawlError> {
        let is_last = with_retries(|| self.log.read(self.after, 1)).await?.is_empty();
        is_last.then_some(()).ok_or(CrawlError::TakenOver)
    }
}

impl super::retry::Retryable for AppendError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Broker(error) if error.is_retryable())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_kit::virtual_time;
    use async_trait::async_trait;
    use crawler::{Fetched, Outcome};

    use super::*;
    use crate::{Broker, BrokerError, Embedded, Entry};

    async fn log() -> Arc<dyn Log> {
        Embedded::in_memory().log("visits").await.expect("a log")
    }

    fn visit(path: &str, links: usize) -> Visit {
        Visit {
            address: format!("http://h/{path}"),
            depth: 0,
            redirects: 0,
            outcome: Outcome::Fetched(Fetched::default()),
            found: (0..links)
                .map(|n| format!("http://h/{n}{}", "x".repeat(1_000)))
                .collect(),
        }
    }

    async fn claim(log: &Arc<dyn Log>) -> (Writer, Vec<Visit>) {
        let mut seen = Vec::new();
        let writer = Writer::claim(Arc::clone(log), |visit| seen.push(visit));
        (writer.await.expect("it is claimed"), seen)
    }

    #[test]
    fn a_new_writer_has_read_what_the_old_one_wrote_and_the_old_one_writes_no_more() {
        virtual_time(async {
            let log = log().await;
            let (mut old, seen) = claim(&log).await;
            assert_eq!(seen, []);
            let visits = [visit("a", 0), visit("b", 2_000)];
            old.append(&visits).await.expect("it is the only writer");
            old.check().await.expect("it is the only writer");
            let (mut new, seen) = claim(&log).await;
            assert_eq!(seen, visits);
            assert_eq!(old.number(), 1);
            assert!(new.number() > old.number(), "{}", new.number());
            assert!(matches!(old.check().await, Err(CrawlError::TakenOver)));
            let late = old.append(&[visit("late", 0)]).await;
            assert!(matches!(late, Err(CrawlError::TakenOver)), "{late:?}");
            new.append(&[visit("c", 0)]).await.expect("it is the only writer");
            assert_eq!(super::visits(&*log).await.expect("visits").len(), 3);
        });
    }

    #[test]
    fn a_record_whose_writer_died_between_its_parts_is_none() {
        virtual_time(async {
            let log = log().await;
            let (mut old, _) = claim(&log).await;
            old.append(&[visit("a", 0)]).await.expect("it is the only writer");
            let record = serde_json::to_vec(&[visit("cut", 2_000)]).expect("JSON");
            let parts = split("1", &record);
            assert_eq!(parts.len(), 4);
            for part in parts.into_iter().take(2) {
                old.after = old.append_entry(part).await.expect("it is the only writer");
            }
            let (mut new, seen) = claim(&log).await;
            assert_eq!(seen, [visit("a", 0)]);
            new.append(&[visit("b", 2_000)]).await.expect("it is the only writer");
            let visits = super::visits(&*log).await.expect("visits");
            assert_eq!(visits, [visit("a", 0), visit("b", 2_000)]);
        });
    }

    /// What is left of the first record is no part of the second, which has fewer parts.
    #[test]
    fn parts_of_two_records_are_not_mixed() {
        virtual_time(async {
            let log = log().await;
            let [cut, whole] = [visit("cut", 2_000), visit("whole", 1_200)];
            let parts =
                |name, visit| split(name, &serde_json::to_vec(&[visit]).expect("JSON"));
            let (cut, entries) = (parts("1", &cut), parts("2", &whole));
            assert_eq!((cut.len(), entries.len()), (4, 3));
            let entries = cut.into_iter().take(3).chain(entries);
            for (after, entry) in (0..).zip(entries) {
                log.append(after, entry).await.expect("it is stored");
            }
            assert_eq!(super::visits(&*log).await.expect("visits"), [whole]);
        });
    }

    #[test]
    fn a_second_visit_of_an_address_replaces_the_first() {
        virtual_time(async {
            let log = log().await;
            let (mut writer, _) = claim(&log).await;
            let visits = [visit("a", 0), visit("b", 0), visit("a", 1)];
            writer.append(&visits).await.expect("it is the only writer");
            let read = super::visits(&*log).await.expect("visits");
            assert_eq!(read, [visit("a", 1), visit("b", 0)]);
        });
    }

    /// A log whose first answer to each append is lost, after or before it was stored.
    struct Lossy {
        log: Arc<dyn Log>,
        appends: AtomicUsize,
    }

    #[async_trait]
    impl Log for Lossy {
        async fn append(&self, after: u64, body: Bytes) -> Result<u64, AppendError> {
            let lost = || AppendError::Broker(BrokerError::Connection("lost".into()));
            match self.appends.fetch_add(1, Ordering::SeqCst) % 3 {
                0 => Err(lost()),
                1 => self.log.append(after, body).await.and_then(|_| Err(lost())),
                _ => self.log.append(after, body).await,
            }
        }

        async fn read(&self, after: u64, max: usize) -> Result<Vec<Entry>, BrokerError> {
            self.log.read(after, max).await
        }
    }

    #[test]
    fn an_append_whose_answer_is_lost_is_made_once() {
        virtual_time(async {
            let log = log().await;
            let lossy: Arc<dyn Log> =
                Arc::new(Lossy { log: Arc::clone(&log), appends: AtomicUsize::new(0) });
            let (mut writer, _) = claim(&lossy).await;
            for path in ["a", "b", "c"] {
                writer.append(&[visit(path, 0)]).await.expect("it is the only writer");
            }
            assert_eq!(log.read(0, 100).await.expect("entries").len(), 4);
            assert_eq!(super::visits(&*log).await.expect("visits").len(), 3);
        });
    }

    #[test]
    fn an_entry_of_another_program_is_named() {
        virtual_time(async {
            let log = log().await;
            log.append(0, Bytes::from_static(b"????")).await.expect("it is stored");
            let read = super::visits(&*log).await;
            assert!(matches!(read, Err(CrawlError::Damaged(1))), "{read:?}");
        });
    }
}
