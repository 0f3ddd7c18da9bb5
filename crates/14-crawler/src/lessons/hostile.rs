//! A site that wants to hold a crawler for ever holds it only for as long as the limits say.
//!
//! Three pages of ten fail, some for ever; one answers never and one without end; two redirect
//! in a circle and one away for ever; two make up new links on every page; two are 100 MB.

use std::time::Duration;

use async_kit::{
    Millis,
    lab::{Hostile, Lab},
    say,
};
use crawler::{Address, Config, Patience, Report, Rules, crawl};

const SITE: Hostile = Hostile::new(200, 7);

/// Crawls 200 pages among all the hazards.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    say!("{}", survive(&lab, 400.ms()).await?);
    let lost = (0..SITE.pages()).filter(fails_for_ever).count();
    say!("of its {} pages {lost} fail for ever", SITE.pages());
    Ok(())
}

// ANCHOR: survive
async fn survive(lab: &Lab, timeout: Duration) -> anyhow::Result<Report> {
    let mut config = Config::new([Address::parse(&lab.url(&SITE.start()))?]);
    config.patience = Patience { timeout, max_bytes: 1_000_000 };
    config.rules = Rules {
        max_depth: 3,
        max_pages: 1_000.try_into()?,
        attempts: 2,
        backoff: 10.ms(),
        ..config.rules
    };
    Ok(crawl(config).await?)
}
// ANCHOR_END: survive

fn fails_for_ever(page: &u64) -> bool {
    SITE.fault(*page).is_some_and(|fault| !fault.heals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_page_that_can_be_had_is_fetched_and_every_hazard_ends() {
        let lab = Lab::start().await.expect("a lab");
        let report = survive(&lab, 400.ms()).await.expect("it ends");
        for page in 0..SITE.pages() {
            let asked = lab.requests_to(&SITE.page(page));
            let times = if SITE.fault(page).is_some() { 2 } else { 1 };
            assert_eq!(asked, times, "page {page}: {:?}", SITE.fault(page));
        }
        let lost = (0..SITE.pages()).filter(fails_for_ever).count() as u64;
        // No answer, no end of one, a redirect to nowhere, a link made of noise.
        let failed: u64 = report.failed.values().sum();
        assert_eq!(
            (failed, report.failed["no answer in time"]),
            (lost + 4, 2),
            "{report:?}"
        );
        assert_eq!(report.skipped["too large"], 2, "{report:?}");
        assert_eq!(report.skipped["too many redirects"], 1, "{report:?}");
        assert_eq!(report.waiting, 0, "{report:?}");
    }
}
