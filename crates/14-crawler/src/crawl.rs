//! Whatever can be refused is refused before anything is fetched.

use std::{io, path::PathBuf, time::Instant};

use tokio_util::sync::CancellationToken;

use crate::{
    Address, Config, Frontier,
    books::{Books, Recorder, on_a_thread},
    engine,
    journal::JournalError,
    report::Report,
    store::Store,
    web::Web,
};

/// Why a crawl could not begin, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// There is nowhere to start.
    #[error("no address to start from")]
    NoStart,
    /// Pages cannot be kept in that folder.
    #[error("cannot write into the folder {0}")]
    Folder(PathBuf, #[source] io::Error),
    /// There is no journal to write to.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The report cannot be written there.
    #[error("cannot write the report {0}")]
    Report(PathBuf, #[source] io::Error),
    /// There is no client.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
    /// What had happened could no longer be written down.
    #[error("cannot go on recording")]
    Record(#[from] io::Error),
}

/// A crawl that is ready to begin.
#[derive(Debug)]
pub struct Crawl {
    web: Web,
    frontier: Frontier,
    books: Books,
    report: Report,
}

/// Crawls, from start to end.
///
/// # Errors
///
/// [`CrawlError`]. A page that cannot be fetched is no error: the report counts it.
///
/// # Cancel safety
///
/// As [`Crawl::run`].
pub async fn crawl(config: Config) -> Result<Report, CrawlError> {
    Crawl::open(config).await?.run(&CancellationToken::new(), |_| {}).await
}

impl Crawl {
    /// Makes ready: the folder, the journal, the report and the client, and learns again what
    /// an earlier session learned. It asks nobody on the web.
    ///
    /// # Errors
    ///
    /// Every [`CrawlError`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. A folder or an empty journal that was made by then stays.
    pub async fn open(config: Config) -> Result<Self, CrawlError> {
        on_a_thread(|| Self::ready(config)).await
    }

    fn ready(config: Config) -> Result<Self, CrawlError> {
        if config.starts.is_empty() {
            return Err(CrawlError::NoStart);
        }
        let mut books = Books::open(&config)?;
        let store = config.out.map(|out| Store::open(&out).map_err(|error| (out, error)));
        let store = store.transpose().map_err(|(out, e)| CrawlError::Folder(out, e))?;
        let direct = config.starts.iter().all(Address::is_local);
        let web = Web::new(config.patience, store, direct)?;
        let web = web.with_backoff(config.rules.backoff);
        let mut report = Report::default();
        let frontier = books.replay(config.rules, &config.starts, &mut report)?;
        Ok(Self { web, frontier, books, report })
    }

    /// Crawls until nothing is left, or until `stop` is cancelled: then what is under way is
    /// finished, and the rest waits in the journal. `watch` hears how it goes.
    ///
    /// # Errors
    ///
    /// [`CrawlError::Record`] or [`CrawlError::Report`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it ends every request at once, as a `kill -9` does: a crawl that is resumed
    /// asks again for what was under way, and for nothing else. The report is not written.
    pub async fn run(
        mut self,
        stop: &CancellationToken,
        watch: impl FnMut(&Report) + Send,
    ) -> Result<Report, CrawlError> {
        let began = Instant::now();
        let (books, report) = (Some(self.books), self.report);
        let mut recorder = Recorder { books, report, watch };
        engine::visit(self.web, &mut self.frontier, &mut recorder, stop).await?;
        let Recorder { books, mut report, .. } = recorder;
        report.stopped = stop.is_cancelled() && report.waiting > 0;
        report.took = began.elapsed();
        let books = books.expect("it is given back after each record");
        on_a_thread(move || books.close(&report).map(|()| report)).await
    }
}
