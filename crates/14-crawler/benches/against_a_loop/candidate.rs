//! A candidate crawls in a separate process, and prints its result in one line.

use std::{
    fmt, fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use crawler::{Address, Config, Limits, crawl};
use reqwest::Url;

use crate::plain_loop;

/// The same for every candidate.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(16).expect("not zero");

#[derive(Clone, Copy, Debug)]
pub(crate) enum Candidate {
    FetchOnly,
    PlainLoop,
    Crawler,
    CrawlerToDisk,
}

impl Candidate {
    const ALL: [Self; 4] =
        [Self::FetchOnly, Self::PlainLoop, Self::Crawler, Self::CrawlerToDisk];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FetchOnly => "fetch-only",
            Self::PlainLoop => "plain-loop",
            Self::Crawler => "crawler",
            Self::CrawlerToDisk => "crawler-to-disk",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::FetchOnly => "a loop that knows all pages in advance",
            Self::PlainLoop => "a loop of reqwest and scraper",
            Self::Crawler => "the crawler",
            Self::CrawlerToDisk => "the crawler, saving every page",
        }
    }

    pub(crate) fn named(name: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.with_context(|| format!("there is no candidate {name:?}"))
    }

    pub(crate) fn run(self, url: &str, out: &Path) -> anyhow::Result<Crawled> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let start = Instant::now();
            let pages =
                tokio::spawn(self.crawl(url.to_owned(), out.to_owned())).await??;
            Ok(Crawled { pages, took: start.elapsed(), peak_kib: peak_kib() })
        })
    }

    async fn crawl(self, url: String, out: PathBuf) -> anyhow::Result<usize> {
        let concurrency = CONCURRENCY.get();
        match self {
            Self::FetchOnly => {
                plain_loop::crawl(Url::parse(&url)?, concurrency, all_pages).await
            }
            Self::PlainLoop => {
                plain_loop::crawl(Url::parse(&url)?, concurrency, plain_loop::parse).await
            }
            Self::Crawler => with_crawler(config(&url)?).await,
            Self::CrawlerToDisk => {
                with_crawler(Config { out: Some(out), ..config(&url)? }).await
            }
        }
    }
}

/// Parses nothing: the links of page 0 of `/big/2000/` are computed from its URL.
fn all_pages(url: &Url, _: &str) -> plain_loop::Page {
    let pages = url.path().strip_prefix("/big/").and_then(|rest| rest.strip_suffix('/'));
    let pages = pages.map_or(1, |pages| pages.parse().expect("a number of pages"));
    let page = |i: usize| url.join(&i.to_string()).expect("a number is a link");
    (Some(String::new()), (1..pages).map(page).collect())
}

fn config(url: &str) -> anyhow::Result<Config> {
    let limits = Limits {
        max_depth: u32::MAX,
        max_pages: NonZeroUsize::MAX,
        concurrency: CONCURRENCY,
        per_host: CONCURRENCY,
        ..Limits::default()
    };
    Ok(Config { limits, ..Config::new([Address::parse(url)?]) })
}

async fn with_crawler(config: Config) -> anyhow::Result<usize> {
    let report = crawl(config).await?;
    if !report.failed.is_empty() || report.waiting > 0 {
        bail!("{report}");
    }
    Ok(usize::try_from(report.fetched)?)
}

/// The result of a crawl.
#[derive(Debug)]
pub(crate) struct Crawled {
    pub(crate) pages: usize,
    pub(crate) took: Duration,
    /// The peak memory of the process; 0 if the system does not report it.
    pub(crate) peak_kib: u64,
}

impl fmt::Display for Crawled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pages, took, peak_kib } = self;
        write!(f, "{pages} {} {peak_kib}", took.as_nanos())
    }
}

impl FromStr for Crawled {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Self> {
        let [pages, nanos, peak_kib] = line.split(' ').collect::<Vec<_>>()[..] else {
            bail!("not three numbers");
        };
        let took = Duration::from_nanos(nanos.parse()?);
        Ok(Self { pages: pages.parse()?, took, peak_kib: peak_kib.parse()? })
    }
}

fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or_default()
}
