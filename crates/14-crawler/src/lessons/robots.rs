//! Of the rules that match a path, the longest applies, and not the first.
//!
//! This is RFC 9309 of 2022. Python's `urllib.robotparser` follows it since 2026, in 3.15 and in the
//! updates of 3.13 and 3.14. Before that, it used the first rule that matched, and treated a `*` in a
//! path as an ordinary character. So that the twin prints the same with every version, it has the
//! rule itself.

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
/// Checks five paths for two crawlers, with the same `robots.txt`.
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
            None => say!("{agent} does not wait"),
        }
    }
    Ok(())
}
// ANCHOR_END: robots

#[cfg(test)]
mod tests {
    use async_kit::{Millis, virtual_time};
    use crawler::{Limits, Outcome, Skip, fake::FakeWeb};

    fn site(robots: &str) -> FakeWeb {
        FakeWeb::new()
            .with_robots("http://h/", 10.ms(), robots)
            .with_page("http://h/", 10.ms(), &["/open", "/shut"])
            .with_page("http://h/open", 10.ms(), &[])
            .with_page("http://h/shut", 10.ms(), &[])
    }

    #[test]
    fn a_forbidden_page_is_skipped_without_a_request() {
        virtual_time(async {
            let web = site("User-agent: *\nDisallow: /shut\n");
            let visits = web.crawl(Limits::default(), &["http://h/"]).await;
            assert_eq!(web.requests(), ["0 h/robots.txt", "10 h/", "20 h/open"]);
            let shut = visits.iter().find(|visit| visit.address.ends_with("/shut"));
            let outcome = &shut.expect("an outcome").outcome;
            assert_eq!(*outcome, Outcome::Skipped { why: Skip::Robots });
        });
    }

    #[test]
    fn a_crawl_delay_replaces_a_shorter_delay() {
        virtual_time(async {
            let web = site("User-agent: *\nCrawl-delay: 1\n");
            let limits = Limits { delay: 100.ms(), ..Limits::default() };
            web.crawl(limits, &["http://h/"]).await;
            let expected = ["0 h/robots.txt", "100 h/", "1100 h/open", "2100 h/shut"];
            assert_eq!(web.requests(), expected);
        });
    }
}
