//! A hostile site cannot keep the crawler busy for longer than its limits allow.
//!
//! Three pages of ten fail, some of them permanently. One page never gets a response, and one
//! response never ends. Two pages redirect to each other, and one redirects to a new address each
//! time. Two generate new links without end, and two are 100 MB large.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{
    Millis,
    lab::{Hostile, Lab},
    say,
};
use crawler::{Address, Config, FetchLimits, Limits, Report, crawl};

const SITE: Hostile = Hostile::new(200, 7);

/// Crawls 200 pages with every kind of trap among them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let start = Address::parse(&lab.url(&SITE.start()))?;
    say!("{}", crawl_within_limits([start], 400.ms()).await?);
    let failing = (0..SITE.pages()).filter(|page| fails_permanently(SITE, *page)).count();
    say!("{failing} of the {} pages fail permanently", SITE.pages());
    Ok(())
}

// ANCHOR: limits
async fn crawl_within_limits(
    starts: impl IntoIterator<Item = Address>,
    timeout: Duration,
) -> anyhow::Result<Report> {
    let mut config = Config::new(starts);
    config.fetch_limits = FetchLimits { timeout, max_bytes: 1_000_000 };
    config.limits = Limits {
        max_depth: 3,
        max_pages: 1_000.try_into()?,
        attempts: 2,
        backoff: 10.ms(),
        ..config.limits
    };
    Ok(crawl(config).await?)
}
// ANCHOR_END: limits

fn fails_permanently(site: Hostile, page: u64) -> bool {
    site.fault(page).is_some_and(|fault| !fault.heals)
}

#[cfg(test)]
mod tests {
    use async_kit::TimeLimit;
    use crawler::{Failure, Fetcher, Web, engine::Fetch};

    use super::*;

    const SMALL: Hostile = Hostile::new(60, 7);

    /// No machine needs the whole timeout, so a page is requested twice only if it failed.
    #[tokio::test]
    async fn every_working_page_is_fetched_and_every_trap_ends() {
        let lab = Lab::start().await.expect("a lab");
        let hazards =
            Hostile::HAZARDS.iter().filter(|hazard| !Hostile::ENDLESS.contains(hazard));
        let hazards = hazards.map(|hazard| SMALL.start() + hazard);
        let starts = (1..=10).map(|page| SMALL.page(page)).chain(hazards);
        let starts = starts.map(|path| Address::parse(&lab.url(&path)).expect("a start"));
        let report = crawl_within_limits(starts, 60.secs()).await.expect("it ends");
        for page in 1..SMALL.pages() {
            let requests = lab.requests_to(&SMALL.page(page));
            let times = if SMALL.fault(page).is_some() { 2 } else { 1 };
            assert_eq!(requests, times, "page {page}: {:?}", SMALL.fault(page));
        }
        let failing =
            (1..SMALL.pages()).filter(|page| fails_permanently(SMALL, *page)).count();
        // The two others are a redirect without a target and a link of random bytes.
        let failed: u64 = report.failed.values().sum();
        assert_eq!(failed, failing as u64 + 2, "{report:?}");
        assert_eq!(report.skipped["too large"], 2, "{report:?}");
        assert_eq!(report.skipped["too many redirects"], 1, "{report:?}");
        assert_eq!(report.waiting, 0, "{report:?}");
    }

    /// A slow machine does not change the result: neither response ever ends.
    #[tokio::test]
    async fn a_silent_server_and_an_endless_response_time_out() {
        let lab = Lab::start().await.expect("a lab");
        let limits = FetchLimits { timeout: 60.ms(), max_bytes: u64::MAX };
        let fetcher = Fetcher::new(Web::new(limits, true).expect("a client"), None);
        for endless in Hostile::ENDLESS {
            let at = lab.url(&(SMALL.start() + endless));
            let at = Address::parse(&at).expect("an address");
            let response = fetcher.page(&at).within(10.secs()).await.expect("it ends");
            assert!(
                matches!(response, Err(Failure::TimedOut(_))),
                "{endless}: {response:?}"
            );
        }
    }
}
