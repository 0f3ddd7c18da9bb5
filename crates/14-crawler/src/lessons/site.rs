//! Every address gets one outcome, and only a page that arrived counts as fetched.
//!
//! A crawler that counts attempts reports one page even if every server is down. Here the numbers
//! of the report add up to the addresses, and the HTTP client is dropped with its crawl.
#![cfg(not(target_family = "wasm"))]

use std::convert::Infallible;

use async_kit::{Lane, lab::Lab, say};
use crawler::{
    Address, Failure, FetchLimits, Fetcher, Frontier, Limits, Outcome, Report, Response,
    Robots, Visit, Web,
    engine::{self, Fetch, Record},
};
use tokio_util::sync::CancellationToken;

/// Crawls the lab's site of 30 pages, which contains a trap of each common kind.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let report = crawl_site(&lab.url("/site/30/")).await?;
    say!("{report}");
    let stats = lab.stats();
    say!(
        "the server received {} requests, at most {} at the same time",
        stats.requests,
        stats.peak_in_flight
    );
    Ok(())
}

// ANCHOR: site
async fn crawl_site(start: &str) -> anyhow::Result<Report> {
    let start = Address::parse(start)?;
    let limits = Limits { max_depth: 9, max_pages: 100.try_into()?, ..Limits::default() };
    let mut frontier = Frontier::new(limits, &[start], []);
    let fetch = InLanes(Fetcher::new(Web::new(FetchLimits::default(), true)?, None));
    let mut outcomes = Outcomes(Report::default());
    let stop = CancellationToken::new();
    let Ok(()) = engine::run(fetch, &mut frontier, &mut outcomes, &stop).await;
    Ok(outcomes.0)
}

/// Says each address with its outcome, and counts it.
struct Outcomes(Report);

impl Record for Outcomes {
    type Error = Infallible;

    async fn record(
        &mut self,
        visits: Vec<Visit>,
        waiting: usize,
    ) -> Result<(), Infallible> {
        for visit in &visits {
            let path = path(&visit.address);
            match &visit.outcome {
                Outcome::Fetched(page) => say!("{path} fetched, {} bytes", page.bytes),
                Outcome::Failed { why, .. } => say!("{path} failed: {why}"),
                Outcome::Skipped { why } => say!("{path} skipped: {why}"),
            }
            self.0.count(visit);
        }
        self.0.waiting = waiting;
        Ok(())
    }
}
// ANCHOR_END: site

/// The address without the lab's own host and port, which differ in each run.
fn path(address: &str) -> &str {
    let local = address.strip_prefix("http://127.0.0.1:");
    local.and_then(|rest| Some(&rest[rest.find('/')?..])).unwrap_or(address)
}

/// Gives each request a lane, which ends with ✗ if the page fails.
struct InLanes(Fetcher);

impl Fetch for InLanes {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let request = self.0.robots(address).step("waiting for a response");
        request.try_lane(path(address.as_str())).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        let request = self.0.page(address).step("waiting for a response");
        request.try_lane(path(address.as_str())).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use async_kit::{Millis, Transcript, stage::record::Ending};
    use crawler::{Config, crawl};

    use super::*;

    #[tokio::test]
    async fn each_address_has_one_line_and_each_request_a_lane_that_shows_its_end() {
        let seen = Transcript::of(run()).await;
        let lines: Vec<_> = seen.lines().iter().map(|line| &*line.text).collect();
        let outcomes =
            lines.iter().filter(|line| line.contains("/ ") || line.starts_with('/'));
        let addresses: Vec<_> =
            outcomes.filter_map(|line| line.split(' ').next()).collect();
        let distinct: HashSet<_> = addresses.iter().collect();
        // 30 pages, a missing one, and six that are skipped.
        assert_eq!((addresses.len(), distinct.len()), (37, 37), "{seen}");
        assert!(lines.contains(&"/site/30/missing failed: HTTP 404"), "{seen}");
        assert!(lines.contains(&"http://example.org/ skipped: off site"), "{seen}");
        assert_eq!(seen.ending("/site/30/missing"), Some(Ending::Failed), "{seen}");
        assert_eq!(seen.ending("/site/30/page/1"), Some(Ending::Done), "{seen}");
        assert!(seen.peak("waiting for a response") <= 4, "{seen}");
    }

    #[tokio::test]
    async fn each_page_is_fetched_once_and_the_report_adds_up() {
        let lab = Lab::start().await.expect("a lab");
        let report = crawl_site(&lab.url("/site/30/")).await.expect("a report");
        assert_eq!(report.fetched, 30, "{report:?}");
        assert_eq!(report.failed, [("HTTP 404".to_owned(), 1)].into(), "{report:?}");
        let skipped = [
            ("forbidden by robots.txt", 1),
            ("moved", 1),
            ("not HTML", 2),
            ("off site", 2),
        ];
        let skipped = skipped.map(|(why, n)| (why.to_owned(), n));
        assert_eq!(report.skipped, skipped.into(), "{report:?}");
        assert_eq!(report.waiting, 0, "{report:?}");
        for page in 1..30 {
            let path = format!("/site/30/page/{page}");
            assert_eq!(lab.requests_to(&path), 1, "{path}");
        }
        assert_eq!(lab.requests_to("/private/"), 0);
        assert!(lab.stats().peak_in_flight <= 4, "{}", lab.stats());
    }

    #[tokio::test]
    async fn a_server_that_is_down_counts_as_no_page() {
        let gone = Lab::start().await.expect("a lab").url("/");
        let mut config = Config::new([Address::parse(&gone).expect("an address")]);
        config.limits.backoff = 1.ms();
        let report = crawl(config).await.expect("a report");
        assert_eq!(report.fetched, 0, "{report:?}");
        let why = report.first_failure.expect("a failure");
        assert!(
            why.contains("robots.txt cannot be fetched") && why.contains("refused"),
            "{why}"
        );
    }

    #[tokio::test]
    async fn links_are_resolved_against_the_address_that_responded() {
        let lab = Lab::start().await.expect("a lab");
        // Without the final slash it redirects, and `page/1` would be another address.
        let report = crawl_site(&lab.url("/site/30")).await.expect("a report");
        assert_eq!((report.fetched, report.skipped["moved"]), (30, 2), "{report:?}");
    }
}
