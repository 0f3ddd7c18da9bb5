//! Within a level, the limits of a site delay only its own requests, even if there are many sites.
//!
//! The levels are common to all sites, because a page of one site may link to another. So the next
//! level begins everywhere when the slowest site has finished this one.
//!
//! asyncio: a semaphore and a lock for each host, and a task for each page that waits for them.
//! Tokio could do the same. Instead, the crawler's frontier knows which site may get a request now,
//! so a page that has to wait is an address in a queue, and not a task.

use std::{num::NonZeroUsize, time::Duration};

use async_kit::{Millis, ask, knob};
use crawler::{Limits, fake::FakeWeb};

/// Crawls two sites with four start pages each. The first page of `south` links to a fifth one. At
/// most two requests to a site are in flight, and their starts are at least 30 ms apart.
pub(crate) async fn run() -> anyhow::Result<()> {
    let per_host = knob("per-host", 2, 1..=4_usize);
    let delay = knob("delay", 30.ms(), 0.ms()..=200.ms());
    ask("per-host=1", "when does each site get its last request?");
    crawl(&two_sites(), per_host, delay).await
}

fn two_sites() -> FakeWeb {
    let mut web = FakeWeb::new();
    for (site, latency) in [("north", 70.ms()), ("south", 52.ms())] {
        web = web.with_robots(
            &format!("http://{site}/"),
            10.ms(),
            "User-agent: *\nAllow: /\n",
        );
        for n in 1..=4 {
            web = web.with_page(&format!("http://{site}/{n}"), latency, &[]);
        }
    }
    web.with_page("http://south/1", 52.ms(), &["/5"]).with_page(
        "http://south/5",
        52.ms(),
        &[],
    )
}

// ANCHOR: politeness
async fn crawl(web: &FakeWeb, per_host: usize, delay: Duration) -> anyhow::Result<()> {
    let limits = Limits {
        per_host: NonZeroUsize::try_from(per_host)?,
        delay,
        ..Limits::default()
    };
    let pages =
        ["north", "south"].map(|site| [1, 2, 3, 4].map(|n| format!("http://{site}/{n}")));
    let pages: Vec<_> = pages.iter().flatten().map(String::as_str).collect();
    web.crawl(limits, &pages).await;
    Ok(())
}
// ANCHOR_END: politeness

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;

    use super::*;

    async fn requests(per_host: usize, delay_ms: u64) -> Vec<String> {
        let web = two_sites();
        crawl(&web, per_host, delay_ms.ms()).await.expect("not zero");
        web.requests()
    }

    /// ```text
    ///            0    30   60   90  100  130
    /// robots.txt ██
    /// 1               ██████████████│
    /// 2                    ██████████████│
    /// 3                             ████ …  delay until 90 ms, free slot at 100 ms
    /// 4                                  ████ …
    /// ```
    #[test]
    fn requests_to_a_site_respect_its_delay_and_its_concurrency() {
        virtual_time(async {
            let requests = requests(2, 30).await;
            let north: Vec<_> =
                requests.iter().filter(|line| line.contains("north")).collect();
            let expected = [
                "0 north/robots.txt",
                "30 north/1",
                "60 north/2",
                "100 north/3",
                "130 north/4",
            ];
            assert_eq!(north, expected, "{requests:?}");
        });
    }

    /// The last page of the first level ends at 172 ms on this site, and at 200 ms on the other one.
    #[test]
    fn a_new_level_begins_on_every_site_when_the_slowest_one_has_finished() {
        virtual_time(async {
            let requests = requests(2, 30).await;
            assert!(requests.contains(&"200 south/5".to_owned()), "{requests:?}");
        });
    }

    #[test]
    fn within_a_level_a_slow_site_does_not_delay_another() {
        virtual_time(async {
            let requests = requests(2, 30).await;
            let south: Vec<_> =
                requests.iter().filter(|line| line.contains("south")).collect();
            let expected = [
                "0 south/robots.txt",
                "30 south/1",
                "60 south/2",
                "90 south/3",
                "120 south/4",
                "200 south/5",
            ];
            assert_eq!(south, expected, "{requests:?}");
        });
    }

    #[test]
    fn with_one_slot_requests_run_one_after_the_other() {
        virtual_time(async {
            let requests = requests(1, 0).await;
            let north: Vec<_> =
                requests.iter().filter(|line| line.contains("north")).collect();
            let expected = [
                "0 north/robots.txt",
                "10 north/1",
                "80 north/2",
                "150 north/3",
                "220 north/4",
            ];
            assert_eq!(north, expected, "{requests:?}");
        });
    }
}
