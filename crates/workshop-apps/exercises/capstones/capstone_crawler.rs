//! capstone_crawler · 45 minutes · write a crawler that ends on every site
//!
//! A search engine for one site needs a crawler. Write `crawl`, step by step:
//!
//! 1. It requests the start and follows the links. `Report::pages` has each page that arrived.
//! 2. An address is requested once, however many links lead to it.
//! 3. An address that `web.allows` forbids is not requested.
//! 4. The depth of a page is the smallest number of links from the start to it. All pages up to
//!    `limits.depth` are requested, and no others: a calendar links to the next day forever.
//! 5. At most `limits.in_flight` requests are in flight. A slow page keeps one slot, and the others
//!    are used for the next pages of the same depth.
//! 6. A page that fails, or has not arrived after `limits.timeout`, is in `Report::failed` with the
//!    reason, or with `timed out`. The crawl goes on.
//!
//! The tests use a fake site in virtual time, and at last the lab's site over HTTP, as `main` does.
//!
//! Section: `cargo run -p crawler -- site`. Code: crates/14-crawler/src/lessons/site.rs.
//! Page: docs/src/14-crawler.md.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use async_kit::{Lane, Millis, exercise, lab::Lab, say};
use reqwest::{Client, Url, redirect::Policy};
use tokio::time::sleep;

#[derive(Debug, Default)]
struct Report {
    pages: BTreeSet<String>,
    failed: BTreeMap<String, String>,
}

#[derive(Clone, Copy)]
struct Limits {
    depth: usize,
    in_flight: usize,
    timeout: Duration,
}

// `web.links(&address).await` requests a page and returns its links, or an error. `web.allows(&address)`
// is what `robots.txt` says. A clone of `web` is cheap, so a task can own one.
async fn crawl(web: &Web, start: &str, limits: Limits) -> Report {
    let Limits { depth, in_flight, timeout: limit } = limits;
    let mut report = Report::default();
    // TODO 1 and 2: keep the addresses that are waiting, and a set of those that were ever found.
    // TODO 4: when is it certain that no shorter path leads to a page?
    // TODO 5: chapter 8 has a window, and chapter 6 a semaphore. TODO 6: `tokio::time::timeout`.
    if web.allows(start) {
        match web.links(start).await {
            Ok(links) => report.pages.insert(start.to_owned()),
            Err(error) => {
                report.failed.insert(start.to_owned(), error.to_string()).is_none()
            }
        };
    }
    report
}

// The code below is given. Do not change it.

const LIMITS: Limits =
    Limits { depth: 3, in_flight: 3, timeout: Duration::from_millis(1000) };

#[derive(Clone)]
enum Web {
    Fake,
    Lab(Client, Url),
}

impl Web {
    fn new(lab: &Lab) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).build()?;
        Ok(Self::Lab(client, Url::parse(&lab.url("/"))?))
    }

    fn allows(&self, address: &str) -> bool {
        !address.starts_with("/private/")
    }

    /// Requests a page, and returns the addresses on the same site that it links to.
    async fn links(&self, address: &str) -> anyhow::Result<Vec<String>> {
        let response = async {
            say!("is requested");
            match self {
                Self::Fake => fake(address).await,
                Self::Lab(client, base) => over_http(client, &base.join(address)?).await,
            }
        };
        response.step("request").try_lane(address).await
    }
}

/// A page of the fake site: waits for its latency, and returns its links.
async fn fake(address: &str) -> anyhow::Result<Vec<String>> {
    let (latency, links) = match address {
        "/book" => (10, "/book/1 /book/2"),
        "/book/1" => (10, "/book /private/notes /book/2 /book/end"),
        "/book/2" => (20, "/book/1 /book/end"),
        "/island" => (10, "/slow /fast"),
        "/slow" => (100, "/cave"),
        "/fast" => (10, "/faster /fast"),
        "/faster" => (10, "/cave"),
        "/cave" => (10, "/treasure"),
        "/list" => {
            (20, "/list/1 /list/2 /list/3 /list/4 /list/5 /list/6 /list/7 /list/8")
        }
        "/list/1" => (200, ""),
        "/trouble" => (10, "/gone /stalls /broken /works"),
        "/gone" => bail!("404 Not Found"),
        "/broken" => bail!("500 Internal Server Error"),
        "/stalls" => pending().await,
        _ => (50, ""),
    };
    sleep(latency.ms()).await;
    let day = address.strip_prefix("/day/").and_then(|day| day.parse::<u32>().ok());
    // It ends after a hundred days, so that a crawl without a limit is refused soon.
    let next_day = day.filter(|day| *day < 100).map(|day| format!("/day/{}", day + 1));
    Ok(links.split_whitespace().map(str::to_owned).chain(next_day).collect())
}

async fn over_http(client: &Client, page: &Url) -> anyhow::Result<Vec<String>> {
    let response = client.get(page.clone()).send().await?;
    let status = response.status();
    let header =
        |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let hrefs = if status.is_redirection() {
        vec![header("location").context("a redirect has a target")?.to_owned()]
    } else {
        ensure!(status.is_success(), "{status}");
        let is_html =
            header("content-type").is_some_and(|it| it.starts_with("text/html"));
        let text = if is_html { response.text().await? } else { String::new() };
        let links =
            text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        links.map(str::to_owned).collect()
    };
    let links = hrefs.iter().filter_map(|href| page.join(href).ok());
    let here = links.filter(|link| link.origin() == page.origin());
    Ok(here.map(|link| link.path().to_owned()).collect())
}

async fn crawl_lab() -> (Report, Vec<u64>) {
    let lab = Lab::start().await.expect("a lab");
    let web = Web::new(&lab).expect("a client");
    let limits = Limits { depth: 29, timeout: 10.secs(), ..LIMITS };
    let report = crawl(&web, "/site/30/", limits).await;
    let pages = (1..30).map(|page| format!("/site/30/page/{page}"));
    let requests = pages.map(|page| lab.requests_to(&page)).collect();
    (report, requests)
}

async fn crawl_fake(start: &str, limits: Limits) -> Report {
    crawl(&Web::Fake, start, limits).await
}

fn main() {
    exercise::show(crawl_fake("/island", LIMITS));
    exercise::show_in_real_time(async { crawl_lab().await.0 });
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::{LIMITS, Limits, Report, crawl_fake, crawl_lab};

    fn run(start: &'static str, limits: Limits) -> exercise::Observed<Report> {
        exercise::observe(crawl_fake(start, limits))
    }

    #[track_caller]
    fn arrive(run: &exercise::Observed<Report>, pages: &[&str], likely: &str) {
        let seen: Vec<_> = run.output().pages.iter().map(String::as_str).collect();
        let happened = format!("these pages are in the report: {}", seen.join(", "));
        run.require(seen == pages, happened, pages.join(", "), likely);
    }

    #[test]
    fn p1_the_start_and_the_pages_behind_it_arrive() {
        let run = run("/book", LIMITS);
        let likely = "Request the start; then request what it links to, and so on, until nothing is \
                      waiting. Put each page that arrives into the report.";
        let pages = ["/book", "/book/1", "/book/2", "/book/end"];
        let seen = &run.output().pages;
        let happened = format!("these pages are in the report: {seen:?}");
        run.require(
            pages.iter().all(|page| seen.contains(*page)),
            happened,
            pages.join(", "),
            likely,
        );
    }

    #[test]
    fn p2_an_address_is_requested_once() {
        let run = run("/book", LIMITS);
        let mut requests: Vec<_> =
            run.lines().iter().filter_map(|line| line.lane.as_deref()).collect();
        requests.sort();
        let all = requests.join(", ");
        requests.dedup();
        let likely = "Mark an address when it is found. If it is marked when its response arrives, \
                      another link may lead to it in the meantime.";
        run.require(all == requests.join(", "), all, "none of them twice", likely);
    }

    #[test]
    fn p3_a_forbidden_address_is_not_requested() {
        let run = run("/book", LIMITS);
        let asked = run
            .lines()
            .iter()
            .find(|line| line.lane.as_deref() == Some("/private/notes"));
        let happened = asked.map(ToString::to_string).unwrap_or_default();
        let likely = "Ask `web.allows` before each request.";
        run.require(asked.is_none(), happened, "no request to /private/notes", likely);
    }

    #[test]
    fn p4_a_page_has_the_depth_of_its_shortest_path() {
        let calendar = run("/day/1", Limits { depth: 2, ..LIMITS });
        let likely = "The start has depth 0, and what it links to has depth 1. Follow no link of a page that has \
                      the depth of the limit.";
        arrive(&calendar, &["/day/1", "/day/2", "/day/3"], likely);
        let island = run("/island", LIMITS);
        let likely = "A long path of fast pages reached /cave first, and then /treasure is too deep. \
                      Let a depth begin when the depth above has ended.";
        let pages = ["/cave", "/fast", "/faster", "/island", "/slow", "/treasure"];
        arrive(&island, &pages, likely);
    }

    #[test]
    fn p5_a_slow_page_keeps_one_slot() {
        let run = run("/list", LIMITS);
        let likely = "One limit for the whole crawl: count all requests in flight, not those of one page.";
        run.never_more_than("request", 3, likely);
        run.concurrently(
            "request",
            3,
            "Request the pages of one depth at the same time.",
        );
        // 20 ms for the list; then /list/1 for 200 ms, and seven others two at a time.
        let likely = "Three requests begin together, and the next three wait for the slowest of them. \
                      Begin the next one when any of them has ended.";
        run.takes(220.ms(), likely);
    }

    #[test]
    fn p6_a_page_that_fails_is_reported_and_ends_nothing_else() {
        let run = exercise::observe_or(
            crawl_fake("/trouble", LIMITS),
            "/stalls never answers: each request needs a timeout.",
        );
        let likely = "An error belongs to its page: no `?`, and no `unwrap`.";
        arrive(&run, &["/trouble", "/works"], likely);
        let failed = format!("{:?}", run.output().failed);
        let expected = r#"{"/broken": "500 Internal Server Error", "/gone": "404 Not Found", "/stalls": "timed out"}"#;
        let likely =
            "Each failed page has its reason: the text of the error, or `timed out`.";
        run.require(failed == expected, failed, expected, likely);
        run.takes(1010.ms(), "The timeout is for each request.");
    }

    #[test]
    fn p7_it_crawls_a_real_site() {
        let run = exercise::observe_in_real_time(crawl_lab());
        let (report, requests) = run.output();
        let happened = format!("requests to the pages 1 to 29: {requests:?}");
        let likely = "Follow the points 1 to 4 first.";
        run.require(
            requests.iter().all(|&times| times == 1),
            happened,
            "one to each",
            likely,
        );
        let happened =
            format!("{} pages, failed: {:?}", report.pages.len(), report.failed);
        let expected = r#"33 pages, failed: {"/site/30/missing": "404 Not Found"}"#;
        run.require(
            happened == expected,
            happened,
            expected,
            "Follow the points 5 and 6 first.",
        );
    }
}
