//! A site waits for its own requests only, however many sites there are.
//!
//! asyncio: a semaphore and a lock for each host, and a task for each page that queues for them.
//! Tokio could do the same. The crawler's frontier knows instead which site may be asked now, so
//! what has to wait is an address in a queue, and no task.

use std::{num::NonZeroUsize, time::Duration};

use async_kit::{Millis, knob};
use crawler::{Rules, fake::FakeWeb};

/// Two sites with four pages each: at most two requests to each at once, and 30 ms between two.
pub(crate) async fn run() -> anyhow::Result<()> {
    let per_host = knob("per-host", 2, 1..=4_usize);
    let delay = knob("delay", 30.ms(), 0.ms()..=200.ms());
    crawl(&two_sites(), per_host, delay).await
}

fn two_sites() -> FakeWeb {
    let mut web = FakeWeb::new();
    for (site, late) in [("north", 70.ms()), ("south", 52.ms())] {
        web = web.with_robots(
            &format!("http://{site}/"),
            10.ms(),
            "User-agent: *\nAllow: /\n",
        );
        for n in 1..=4 {
            web = web.with_page(&format!("http://{site}/{n}"), late, &[]);
        }
    }
    web
}

// ANCHOR: politeness
async fn crawl(web: &FakeWeb, per_host: usize, delay: Duration) -> anyhow::Result<()> {
    let rules =
        Rules { per_host: NonZeroUsize::try_from(per_host)?, delay, ..Rules::default() };
    let pages =
        ["north", "south"].map(|site| [1, 2, 3, 4].map(|n| format!("http://{site}/{n}")));
    let pages: Vec<_> = pages.iter().flatten().map(String::as_str).collect();
    web.crawl(rules, &pages).await;
    Ok(())
}
// ANCHOR_END: politeness

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;

    use super::*;

    async fn asked(per_host: usize, delay: u64) -> Vec<String> {
        let web = two_sites();
        crawl(&web, per_host, delay.ms()).await.expect("not zero");
        web.asked()
    }

    /// ```text
    ///            0    30   60   90  100  130
    /// robots.txt ██
    /// 1               ██████████████│
    /// 2                    ██████████████│
    /// 3                             ████ …    a slot is free at 100, the delay over at 90
    /// 4                                  ████ …
    /// ```
    #[test]
    fn requests_to_a_site_keep_their_distance_and_their_number() {
        virtual_time(async {
            let asked = asked(2, 30).await;
            let north: Vec<_> =
                asked.iter().filter(|line| line.contains("north")).collect();
            let expected = [
                "0 north/robots.txt",
                "30 north/1",
                "60 north/2",
                "100 north/3",
                "130 north/4",
            ];
            assert_eq!(north, expected, "{asked:?}");
        });
    }

    #[test]
    fn a_slow_site_does_not_hold_up_another() {
        virtual_time(async {
            let asked = asked(2, 30).await;
            let south: Vec<_> =
                asked.iter().filter(|line| line.contains("south")).collect();
            let expected = [
                "0 south/robots.txt",
                "30 south/1",
                "60 south/2",
                "90 south/3",
                "120 south/4",
            ];
            assert_eq!(south, expected, "{asked:?}");
        });
    }

    #[test]
    fn one_request_at_a_time_is_one_after_the_other() {
        virtual_time(async {
            let asked = asked(1, 0).await;
            let north: Vec<_> =
                asked.iter().filter(|line| line.contains("north")).collect();
            let expected = [
                "0 north/robots.txt",
                "10 north/1",
                "80 north/2",
                "150 north/3",
                "220 north/4",
            ];
            assert_eq!(north, expected, "{asked:?}");
        });
    }
}
