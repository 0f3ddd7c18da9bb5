//! A visit is recorded before its slot is free for the next request.
#![cfg(not(target_family = "wasm"))]

use crate::{
    CrawlError, Visit, blocking::run_blocking, crawl_log::CrawlLog, engine::Record,
    report::Report,
};

/// Counts visits, reports the progress to `watch`, and writes the visits to the log.
pub(crate) struct Recorder<W> {
    /// `None` while a blocking thread writes to it.
    log: Option<CrawlLog>,
    report: Report,
    watch: W,
}

impl<W> Recorder<W> {
    pub(crate) fn new(log: CrawlLog, report: Report, watch: W) -> Self {
        Self { log: Some(log), report, watch }
    }

    pub(crate) fn into_parts(self) -> (CrawlLog, Report) {
        (self.log.expect(RETURNED), self.report)
    }
}

const RETURNED: &str = "the log is returned after each record";

impl<W: FnMut(&Report) + Send> Record for Recorder<W> {
    type Error = CrawlError;

    async fn record(
        &mut self,
        visits: Vec<Visit>,
        waiting: usize,
    ) -> Result<(), CrawlError> {
        visits.iter().for_each(|visit| self.report.count(visit));
        self.report.waiting = waiting;
        (self.watch)(&self.report);
        if visits.is_empty() || self.log.as_ref().is_none_or(CrawlLog::writes_nothing) {
            return Ok(());
        }
        let mut log = self.log.take().expect(RETURNED);
        self.log = Some(run_blocking(move || log.add(&visits).map(|()| log)).await?);
        Ok(())
    }
}
