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
    let start = Address::parse(&lab.url(&SITE.start()))?;
    say!("{}", survive([start], 400.ms()).await?);
    let lost = (0..SITE.pages()).filter(|page| fails_for_ever(SITE, *page)).count();
    say!("of its {} pages {lost} fail for ever", SITE.pages());
    Ok(())
}

// ANCHOR: survive
async fn survive(
    starts: impl IntoIterator<Item = Address>,
    timeout: Duration,
) -> anyhow::Result<Report> {
    let mut config = Config::new(starts);
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

fn fails_for_ever(site: Hostile, page: u64) -> bool {
    site.fault(page).is_some_and(|fault| !fault.heals)
}

#[cfg(test)]
mod tests {
    use async_kit::TimeLimit;
    use crawler::{Failure, Web, engine::Fetch};

    use super::*;

    const SMALL: Hostile = Hostile::new(60, 7);

    /// A limit that no machine is too slow for, so whatever is asked for twice has failed once.
    #[tokio::test]
    async fn every_page_that_can_be_had_is_fetched_and_every_hazard_ends() {
        let lab = Lab::start().await.expect("a lab");
        let hazards =
            Hostile::HAZARDS.iter().filter(|hazard| !Hostile::ENDLESS.contains(hazard));
        let hazards = hazards.map(|hazard| SMALL.start() + hazard);
        let starts = (1..=10).map(|page| SMALL.page(page)).chain(hazards);
        let starts = starts.map(|path| Address::parse(&lab.url(&path)).expect("a start"));
        let report = survive(starts, 60.secs()).await.expect("it ends");
        for page in 1..SMALL.pages() {
            let asked = lab.requests_to(&SMALL.page(page));
            let times = if SMALL.fault(page).is_some() { 2 } else { 1 };
            assert_eq!(asked, times, "page {page}: {:?}", SMALL.fault(page));
        }
        let lost = (1..SMALL.pages()).filter(|page| fails_for_ever(SMALL, *page)).count();
        // A redirect to nowhere, a link made of noise.
        let failed: u64 = report.failed.values().sum();
        assert_eq!(failed, lost as u64 + 2, "{report:?}");
        assert_eq!(report.skipped["too large"], 2, "{report:?}");
        assert_eq!(report.skipped["too many redirects"], 1, "{report:?}");
        assert_eq!(report.waiting, 0, "{report:?}");
    }

    /// A slow machine changes nothing: neither answer ever ends.
    #[tokio::test]
    async fn silence_and_an_answer_without_end_meet_the_time_limit() {
        let lab = Lab::start().await.expect("a lab");
        let patience = Patience { timeout: 60.ms(), max_bytes: u64::MAX };
        let web = Web::new(patience, None, true).expect("a client");
        for endless in Hostile::ENDLESS {
            let at = lab.url(&(SMALL.start() + endless));
            let at = Address::parse(&at).expect("an address");
            let answer = web.page(&at).within(10.secs()).await.expect("it ends");
            assert!(matches!(answer, Err(Failure::TimedOut(_))), "{endless}: {answer:?}");
        }
    }
}
