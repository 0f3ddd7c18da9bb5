//! Every visit goes to the journal, from which a crawl resumes, and to the report that users read.
#![cfg(not(target_family = "wasm"))]

use std::path::PathBuf;

use crate::{
    Address, Config, CrawlError, Frontier, Limits, Visit,
    journal::Journal,
    report::{Report, ReportFile},
};

/// The journal's name in the folder of pages.
const JOURNAL: &str = "journal.jsonl";

/// The files that a crawl writes its visits to; either may be absent.
#[derive(Debug)]
pub(crate) struct CrawlLog {
    journal: Option<Journal>,
    report: Option<(ReportFile, PathBuf)>,
}

impl CrawlLog {
    pub(crate) fn open(config: &Config) -> Result<Self, CrawlError> {
        let journal = config.out.as_ref().map(|out| {
            std::fs::create_dir_all(out)
                .map_err(|e| CrawlError::Folder(out.clone(), e))?;
            let path = out.join(JOURNAL);
            Ok::<_, CrawlError>(Journal::open(&path, &config.starts, config.resume)?)
        });
        let journal = journal.transpose()?;
        let report = config.report.clone().map(|path| match ReportFile::create(&path) {
            Ok(file) => Ok((file, path)),
            Err(error) => Err(CrawlError::Report(path, error)),
        });
        let log = Self { journal, report: report.transpose()? };
        log.check_paths()?;
        Ok(log)
    }

    /// The journal exists by now, so a link to it is resolved.
    fn check_paths(&self) -> Result<(), CrawlError> {
        let (Some(journal), Some((report, path))) = (&self.journal, &self.report) else {
            return Ok(());
        };
        if journal.leads_to(report.path())? {
            return Err(CrawlError::ReportIsJournal(path.clone()));
        }
        Ok(())
    }

    pub(crate) fn writes_nothing(&self) -> bool {
        self.journal.is_none() && self.report.is_none()
    }

    /// Adds the visits of an earlier crawl to the report, and creates a frontier that continues
    /// after them.
    pub(crate) fn replay(
        &mut self,
        limits: Limits,
        starts: &[Address],
        report: &mut Report,
    ) -> Result<Frontier, CrawlError> {
        let history = self.journal.as_ref().map(Journal::history).transpose()?;
        let mut failed = None::<CrawlError>;
        let file = &mut self.report;
        let history = history.into_iter().flatten().map_while(|visit| {
            let replayed = visit.map_err(CrawlError::from).and_then(|visit| {
                // This program does not record one, but an older version did.
                if !visit.is_provisional() {
                    report.count(&visit);
                    add(file, &visit)?;
                }
                Ok(visit)
            });
            replayed.map_err(|error| failed = Some(error)).ok()
        });
        let frontier = Frontier::new(limits, starts, history);
        failed.map_or(Ok(frontier), Err)
    }

    pub(crate) fn add(&mut self, visits: &[Visit]) -> Result<(), CrawlError> {
        if let Some(journal) = &mut self.journal {
            journal.append(visits.iter().filter(|visit| !visit.is_provisional()))?;
        }
        visits.iter().try_for_each(|visit| add(&mut self.report, visit))
    }

    pub(crate) fn close(self, report: &Report) -> Result<(), CrawlError> {
        if let Some(journal) = self.journal {
            journal.sync()?;
        }
        match self.report {
            Some((file, path)) => {
                file.finish(report).map_err(|error| CrawlError::Report(path, error))
            }
            None => Ok(()),
        }
    }
}

fn add(
    report: &mut Option<(ReportFile, PathBuf)>,
    visit: &Visit,
) -> Result<(), CrawlError> {
    let Some((file, path)) = report else { return Ok(()) };
    file.add(visit).map_err(|error| CrawlError::Report(path.clone(), error))
}
