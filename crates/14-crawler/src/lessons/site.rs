//! Every address gets one outcome, and only a page that arrived counts as fetched.
//!
//! A crawler that counts attempts reports one page even if every server is down. Here the numbers
//! of the report add up to the addresses, and the HTTP client is dropped with its crawl.
#![cfg(not(target_family = "wasm"))]

use async_kit::{lab::Lab, say};
use crawler::{Address, Config, Limits, Report, crawl};

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
    let mut config = Config::new([Address::parse(start)?]);
    config.limits = Limits { max_depth: 9, max_pages: 100.try_into()?, ..config.limits };
    Ok(crawl(config).await?)
}
// ANCHOR_END: site

#[cfg(test)]
mod tests {
    use async_kit::Millis;

    use super::*;

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
