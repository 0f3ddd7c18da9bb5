//! Every wrong setting is reported before anything is fetched.
#![cfg(not(target_family = "wasm"))]

use std::{io, path::PathBuf, time::Instant};

use tokio_util::sync::CancellationToken;

use crate::{
    Address, Config, Frontier, blocking::run_blocking, crawl_log::CrawlLog, engine,
    fetcher::Fetcher, journal::JournalError, recorder::Recorder, report::Report,
    store::Store, web::Web,
};

/// Why a crawl could not begin, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// There is no start address.
    #[error("no address to start from")]
    NoStart,
    /// Pages cannot be saved in that folder.
    #[error("cannot write into the folder {0}")]
    Folder(PathBuf, #[source] io::Error),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The report would replace the journal.
    #[error("the report cannot be {0}, which is the journal of the crawl")]
    ReportIsJournal(PathBuf),
    /// The report cannot be written there.
    #[error("cannot write the report {0}")]
    Report(PathBuf, #[source] io::Error),
    /// No HTTP client could be made.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
    /// A visit could not be written to the journal.
    #[error("cannot record the crawl any further")]
    Record(#[from] io::Error),
}

/// A crawl that is ready to begin.
#[derive(Debug)]
pub struct Crawl {
    fetcher: Fetcher,
    frontier: Frontier,
    log: CrawlLog,
    report: Report,
}

/// Crawls from start to end.
///
/// # Errors
///
/// [`CrawlError`]. A page that cannot be fetched is no error: the report counts it.
///
/// # Cancel safety
///
/// The same as for [`Crawl::run`].
pub async fn crawl(config: Config) -> Result<Report, CrawlError> {
    Crawl::open(config).await?.run(&CancellationToken::new(), |_| {}).await
}

impl Crawl {
    /// Prepares the folder, the journal, the report and the client, and replays the visits of
    /// earlier sessions. It sends no request.
    ///
    /// # Errors
    ///
    /// Every [`CrawlError`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. A folder or an empty journal that was created by then remains.
    pub async fn open(config: Config) -> Result<Self, CrawlError> {
        run_blocking(|| Self::prepare(config)).await
    }

    fn prepare(config: Config) -> Result<Self, CrawlError> {
        if config.starts.is_empty() {
            return Err(CrawlError::NoStart);
        }
        let mut log = CrawlLog::open(&config)?;
        let store = config.out.map(|out| Store::open(&out).map_err(|error| (out, error)));
        let store = store.transpose().map_err(|(out, e)| CrawlError::Folder(out, e))?;
        let direct = config.starts.iter().all(Address::is_local);
        let web = Web::new(config.fetch_limits, direct)?;
        let fetcher = Fetcher::new(web, store);
        let mut report = Report::default();
        let frontier = log.replay(config.limits, &config.starts, &mut report)?;
        Ok(Self { fetcher, frontier, log, report })
    }

    /// Crawls until no address is left. If `stop` is cancelled, the requests in flight are
    /// finished, and the other addresses wait in the journal. `watch` is called with the
    /// progress.
    ///
    /// # Errors
    ///
    /// [`CrawlError::Record`] or [`CrawlError::Report`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it ends every request immediately, as a `kill -9` does. A resumed crawl repeats
    /// the requests that were in flight, and no others. The report is not written.
    pub async fn run(
        mut self,
        stop: &CancellationToken,
        watch: impl FnMut(&Report) + Send,
    ) -> Result<Report, CrawlError> {
        let began = Instant::now();
        let mut recorder = Recorder::new(self.log, self.report, watch);
        engine::run(self.fetcher, &mut self.frontier, &mut recorder, stop).await?;
        let (log, mut report) = recorder.into_parts();
        report.halted = self.frontier.halted().map(str::to_owned);
        report.stopped = stop.is_cancelled() && report.waiting > 0;
        report.took = began.elapsed();
        run_blocking(move || log.close(&report).map(|()| report)).await
    }
}
