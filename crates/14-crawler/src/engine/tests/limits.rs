//! No address is requested twice, and none beyond a limit of the crawl.

use std::convert::Infallible;

use async_kit::{Millis, virtual_time};
use tokio::{join, sync::watch};
use tokio_util::sync::CancellationToken;

use super::{START, count, fan, fetched, skipped};
use crate::{
    Address, Frontier, Limits, Skip, Visit,
    engine::{self, Record},
    fake::FakeWeb,
};

#[test]
fn never_more_requests_are_in_flight_than_the_limit_allows() {
    virtual_time(async {
        let limits =
            Limits { concurrency: count(3), per_host: count(9), ..Limits::default() };
        let web = fan(7);
        web.crawl(limits, &[START]).await;
        let started: Vec<_> =
            web.requests().iter().map(|line| line[..2].trim().to_owned()).collect();
        assert_eq!(started, ["0", "0", "10", "10", "10", "20", "20", "20", "30"]);
    });
}

#[test]
fn no_page_beyond_max_pages_is_requested() {
    virtual_time(async {
        let web = fan(7);
        let limits = Limits { max_pages: count(4), ..Limits::default() };
        let visits = web.crawl(limits, &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/1", "/2", "/3"]);
        assert_eq!(web.requests().len(), 5, "{:?}", web.requests());
    });
}

#[test]
fn an_address_that_is_too_deep_or_off_site_is_skipped_once() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 1.ms(), &["/a", "http://other/", "http://other/#x"])
            .with_page("http://h/a", 1.ms(), &["/deep", "http://other/", "/deep#x"]);
        let limits = Limits { max_depth: 1, ..Limits::default() };
        let visits = web.crawl(limits, &[START]).await;
        assert_eq!(
            skipped(&visits),
            [("http://other/", 1, &Skip::OffSite), ("http://h/deep", 2, &Skip::TooDeep),]
        );
    });
}

/// The number of visits in each record.
#[derive(Default)]
struct Records(Vec<usize>);

impl Record for Records {
    type Error = Infallible;

    async fn record(&mut self, visits: Vec<Visit>, _: usize) -> Result<(), Infallible> {
        self.0.push(visits.len());
        Ok(())
    }
}

#[test]
fn addresses_that_need_no_request_are_recorded_in_parts() {
    virtual_time(async {
        let links: Vec<_> = (0..2_500).map(|n| format!("http://other/{n}")).collect();
        let links: Vec<_> = links.iter().map(String::as_str).collect();
        let web = FakeWeb::new().with_page(START, 1.ms(), &links);
        let start = Address::parse(START).expect("an address");
        let mut frontier = Frontier::new(Limits::default(), &[start], []);
        let mut records = Records::default();
        let stop = CancellationToken::new();
        let Ok(()) = engine::run(web, &mut frontier, &mut records, &stop).await;
        assert!(records.0.iter().all(|visits| *visits <= 1_000), "{:?}", records.0);
        assert_eq!(records.0.iter().sum::<usize>(), 1 + 2_500, "{:?}", records.0);
    });
}

/// Counts the visits, and stops the crawl at the first page that `robots.txt` forbids.
struct StopAtForbidden {
    visits: usize,
    is_forbidden: watch::Sender<bool>,
}

impl Record for StopAtForbidden {
    type Error = Infallible;

    async fn record(&mut self, visits: Vec<Visit>, _: usize) -> Result<(), Infallible> {
        self.visits += visits.len();
        if !skipped(&visits).is_empty() {
            self.is_forbidden.send_replace(true);
        }
        Ok(())
    }
}

/// Each rule has to search the whole path. All addresses together take seconds on any machine.
#[tokio::test]
async fn a_crawl_can_be_stopped_while_it_decides_what_is_forbidden() {
    let rules = "Disallow: /*zz\n".repeat(4_000);
    let rules = format!("User-agent: *\n{rules}Allow: /$\nDisallow: /\n");
    let links: Vec<_> = (0..900).map(|n| format!("/{}{n}", "z/".repeat(900))).collect();
    let links: Vec<_> = links.iter().map(String::as_str).collect();
    let web = FakeWeb::new().with_page(START, 1.ms(), &links);
    let web = web.with_robots(START, 1.ms(), &rules);
    let start = Address::parse(START).expect("an address");
    let mut frontier = Frontier::new(Limits::default(), &[start], []);
    let (is_forbidden, mut seen) = watch::channel(false);
    let mut record = StopAtForbidden { visits: 0, is_forbidden };
    let stop = CancellationToken::new();
    let interrupt = async {
        seen.wait_for(|seen| *seen).await.expect("it is recorded");
        stop.cancel();
    };
    let crawl = engine::run(web, &mut frontier, &mut record, &stop);
    let (Ok(()), ()) = join!(crawl, interrupt);
    assert!((2..800).contains(&record.visits), "{}", record.visits);
}

#[test]
fn an_address_that_is_too_long_is_skipped() {
    virtual_time(async {
        let long = format!("/{}", "a".repeat(2_000));
        let web = FakeWeb::new().with_page(START, 1.ms(), &[&long]);
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(skipped(&visits), [(&*format!("http://h{long}"), 1, &Skip::TooLong)]);
    });
}

#[test]
fn a_page_adds_at_most_max_links_and_only_new_addresses_of_its_site_count() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 1.ms(), &["/", "/a#x", "http://other/", "/a", "/b", "/c"])
            .with_page("http://h/a", 1.ms(), &["/", "/b", "/d", "/e", "/f", "/d#x"])
            .with_page("http://h/b", 1.ms(), &["/a", "/e"]);
        let limits = Limits { max_links: Some(count(2)), ..Limits::default() };
        let visits = web.crawl(limits, &[START]).await;
        let mut visited: Vec<_> = visits.iter().map(|visit| &*visit.address).collect();
        visited.sort_unstable();
        let own = ["/", "/a", "/b", "/d", "/e"].map(|path| format!("http://h{path}"));
        assert_eq!(
            visited,
            [&own.each_ref().map(|path| &**path)[..], &["http://other/"]].concat()
        );
    });
}

#[test]
fn addresses_are_compared_by_identity_and_not_by_text() {
    let links = ["/a", "/a#x", "/./a", "http://H:80/a"];
    virtual_time(async move {
        let web = FakeWeb::new().with_page(START, 1.ms(), &links).with_page(
            "http://h/a",
            1.ms(),
            &[],
        );
        web.crawl(Limits::default(), &[START]).await;
        assert_eq!(web.requests(), ["0 h/robots.txt", "0 h/", "1 h/a"]);
    });
}
