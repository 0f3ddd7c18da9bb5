//! Of the rules that fit, the longest decides; a parser that takes the first one goes wrong.
//!
//! Python has `urllib.robotparser`, which is older than RFC 9309: it takes the first rule that
//! fits, and a `*` in a path is a star to it. What it allows and what it forbids differs, and
//! `asyncio/robots.differs` says where.

use async_kit::say;
use crawler::{Address, Robots};

const ROBOTS: &str = "\
User-agent: *
Disallow: /archive
Allow: /archive/2026
Disallow: /*.pdf$
Crawl-delay: 2

User-agent: greedy
Disallow: /
";

// ANCHOR: robots
/// One `robots.txt`, two crawlers, five paths.
pub(crate) async fn run() -> anyhow::Result<()> {
    for agent in ["lamp", "greedy"] {
        let robots = Robots::parse(ROBOTS, agent);
        for path in ["/", "/archive/1999", "/archive/2026", "/map.pdf", "/map.pdf.html"] {
            let page = Address::parse(&format!("http://h{path}"))?;
            say!(
                "{agent} {path}: {}",
                if robots.allows(&page) { "allowed" } else { "forbidden" }
            );
        }
        match robots.delay() {
            Some(delay) => {
                say!("{agent} waits {}s between two requests", delay.as_secs())
            }
            None => say!("{agent} need not wait"),
        }
    }
    Ok(())
}
// ANCHOR_END: robots

#[cfg(test)]
mod tests {
    use async_kit::{Millis, virtual_time};
    use crawler::{Fate, Rules, Skip, fake::FakeWeb};

    fn site(rules: &str) -> FakeWeb {
        FakeWeb::new()
            .with_robots("http://h/", 10.ms(), rules)
            .with_page("http://h/", 10.ms(), &["/open", "/shut"])
            .with_page("http://h/open", 10.ms(), &[])
            .with_page("http://h/shut", 10.ms(), &[])
    }

    #[test]
    fn a_forbidden_page_is_never_asked_for_and_the_report_says_why() {
        virtual_time(async {
            let web = site("User-agent: *\nDisallow: /shut\n");
            let visits = web.crawl(Rules::default(), &["http://h/"]).await;
            assert_eq!(web.asked(), ["0 h/robots.txt", "10 h/", "20 h/open"]);
            let shut = visits.iter().find(|visit| visit.address.ends_with("/shut"));
            let fate = &shut.expect("a fate").fate;
            assert_eq!(*fate, Fate::Skipped { why: Skip::Robots });
        });
    }

    #[test]
    fn the_delay_that_a_site_asks_for_replaces_a_shorter_one() {
        virtual_time(async {
            let web = site("User-agent: *\nCrawl-delay: 1\n");
            let rules = Rules { delay: 100.ms(), ..Rules::default() };
            web.crawl(rules, &["http://h/"]).await;
            let expected = ["0 h/robots.txt", "100 h/", "1100 h/open", "2100 h/shut"];
            assert_eq!(web.asked(), expected);
        });
    }
}
