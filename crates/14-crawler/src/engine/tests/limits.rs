//! No address is requested twice, and none beyond a limit of the crawl.

use async_kit::{Millis, virtual_time};

use super::{START, count, fan, fetched};
use crate::{Limits, Skip, fake::FakeWeb};

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
        let skipped: Vec<_> = visits.iter().flat_map(|visit| &visit.skipped).collect();
        let expected = [
            &("http://other/".to_owned(), Skip::OffSite),
            &("http://h/deep".to_owned(), Skip::TooDeep),
        ];
        assert_eq!(skipped, expected);
    });
}

#[test]
fn an_address_that_is_too_long_is_skipped() {
    virtual_time(async {
        let long = format!("/{}", "a".repeat(2_000));
        let web = FakeWeb::new().with_page(START, 1.ms(), &[&long]);
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(visits[0].skipped[0].1, Skip::TooLong);
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
