//! Whatever can be refused is refused before anything is fetched.

use std::{io, path::PathBuf, time::Instant};

use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Frontier, Rules, Visit,
    engine::{self, Record},
    journal::{Journal, JournalError},
    report::{Report, ReportFile},
    store::Store,
    web::{Patience, Web},
};

/// The journal's name in the folder of pages.
const JOURNAL: &str = "journal.jsonl";

/// What to crawl, within which limits, and what to keep of it.
///
/// # Examples
///
/// ```
/// use crawler::{Address, Config};
///
/// let start = Address::parse("https://example.org/")?;
/// let config = Config { resume: true, ..Config::new([start]) };
/// assert_eq!(config.rules.max_pages.get(), 20);
/// # Ok::<(), crawler::AddressError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to start. The crawl keeps to the sites of these pages.
    pub starts: Vec<Address>,
    /// How far, how much and how fast.
    pub rules: Rules,
    /// How long and how much of an answer to wait for.
    pub patience: Patience,
    /// The folder for the pages and the journal; without it nothing is kept.
    pub out: Option<PathBuf>,
    /// The file for the report.
    pub report: Option<PathBuf>,
    /// Whether to go on with the crawl that the folder holds, if it holds one.
    pub resume: bool,
}

impl Config {
    /// A crawl with every default: nothing is kept.
    pub fn new(starts: impl IntoIterator<Item = Address>) -> Self {
        Self {
            starts: starts.into_iter().collect(),
            rules: Rules::default(),
            patience: Patience::default(),
            out: None,
            report: None,
            resume: false,
        }
    }
}

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
    Crawl::open(config)?.run(&CancellationToken::new(), |_| {}).await
}

impl Crawl {
    /// Makes ready: the folder, the journal, the report and the client, and learns again what
    /// an earlier session learned. It blocks, and asks nobody on the web.
    ///
    /// # Errors
    ///
    /// Every [`CrawlError`] but the last.
    pub fn open(config: Config) -> Result<Self, CrawlError> {
        if config.starts.is_empty() {
            return Err(CrawlError::NoStart);
        }
        let mut books = Books::open(&config)?;
        let store = config.out.map(|out| Store::open(&out).map_err(|error| (out, error)));
        let store = store.transpose().map_err(|(out, e)| CrawlError::Folder(out, e))?;
        let direct = config.starts.iter().all(Address::is_local);
        let web = Web::new(config.patience, store, direct)?;
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

/// Where it is written down what happens.
#[derive(Debug)]
struct Books {
    journal: Option<Journal>,
    report: Option<(ReportFile, PathBuf)>,
}

impl Books {
    fn open(config: &Config) -> Result<Self, CrawlError> {
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
    fn replay(
        &mut self,
        rules: Rules,
        starts: &[Address],
        report: &mut Report,
    ) -> Result<Frontier, CrawlError> {
        let history = self.journal.as_ref().map(Journal::history).transpose()?;
        let mut failed = None::<CrawlError>;
        let file = &mut self.report;
        let history = history.into_iter().flatten().map_while(|visit| {
            let heard = visit.map_err(CrawlError::from).and_then(|visit| {
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

    fn close(self, report: &Report) -> Result<(), CrawlError> {
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

struct Recorder<W> {
    /// `None` while a thread writes to them.
    books: Option<Books>,
    report: Report,
    watch: W,
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
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CrawlError> + Send + 'static,
) -> Result<T, CrawlError> {
    let done = spawn_blocking(work).await.map_err(JoinError::into_panic);
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
