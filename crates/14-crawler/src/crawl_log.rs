//! A visit is written down before its place is given to the next request.

use std::path::PathBuf;

use tokio::task::{JoinError, spawn_blocking};

use crate::{
    Address, Config, CrawlError, Frontier, Rules, Visit,
    engine::Record,
    journal::Journal,
    report::{Report, ReportFile},
};

/// The journal's name in the folder of pages.
const JOURNAL: &str = "journal.jsonl";

/// Where it is written down what happens.
#[derive(Debug)]
pub(crate) struct Books {
    journal: Option<Journal>,
    report: Option<(ReportFile, PathBuf)>,
}

impl Books {
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
        Ok(Self { journal, report: report.transpose()? })
    }

    fn are_none(&self) -> bool {
        self.journal.is_none() && self.report.is_none()
    }

    /// Tells the report and the frontier what happened before.
    pub(crate) fn replay(
        &mut self,
        rules: Rules,
        starts: &[Address],
        report: &mut Report,
    ) -> Result<Frontier, CrawlError> {
        let history = self.journal.as_ref().map(Journal::history).transpose()?;
        let (mut failed, depth) = (None::<CrawlError>, rules.max_depth);
        let file = &mut self.report;
        let history = history.into_iter().flatten().map_while(|visit| {
            let heard = visit.map_err(CrawlError::from).and_then(|mut visit| {
                visit.reconsider(depth);
                report.count(&visit);
                add(file, &visit)?;
                Ok(visit)
            });
            heard.map_err(|error| failed = Some(error)).ok()
        });
        let frontier = Frontier::new(rules, starts, history);
        failed.map_or(Ok(frontier), Err)
    }

    fn add(&mut self, visits: &[Visit]) -> Result<(), CrawlError> {
        if let Some(journal) = &mut self.journal {
            journal.append(visits)?;
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

pub(crate) struct Recorder<W> {
    /// `None` while a thread writes to them.
    pub(crate) books: Option<Books>,
    pub(crate) report: Report,
    pub(crate) watch: W,
}

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
        if visits.is_empty() || self.books.as_ref().is_none_or(Books::are_none) {
            return Ok(());
        }
        let mut books = self.books.take().expect("it is given back after each record");
        let written = on_a_thread(move || books.add(&visits).map(|()| books)).await?;
        self.books = Some(written);
        Ok(())
    }
}

/// Files block, so they are written on a thread that may.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CrawlError> + Send + 'static,
) -> Result<T, CrawlError> {
    let done = spawn_blocking(work).await.map_err(JoinError::into_panic);
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
