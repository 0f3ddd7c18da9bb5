//! A resumed crawl behaves as if it had never been interrupted.

use async_kit::{Millis, virtual_time};

use super::{START, count, fan, fetched};
use crate::{Failure, Limits, Outcome, fake::FakeWeb};

#[test]
fn a_crawl_resumed_after_any_visit_requests_only_the_rest() {
    virtual_time(async {
        let whole = fan(6).crawl(Limits::default(), &[START]).await;
        for cut in 0..=whole.len() {
            let (web, history) = (fan(6), whole[..cut].to_vec());
            let rest = web.resume(Limits::default(), &[START], history).await;
            let mut all: Vec<_> =
                whole[..cut].iter().chain(&rest).map(|visit| &visit.address).collect();
            all.sort();
            let count = all.len();
            all.dedup();
            assert_eq!((count, all.len()), (7, 7), "after {cut}: {all:?}");
            let robots = usize::from(cut < 7);
            assert_eq!(web.requests().len(), rest.len() + robots, "{:?}", web.requests());
        }
    });
}

#[test]
fn a_resumed_crawl_with_a_greater_depth_visits_deeper_pages() {
    virtual_time(async {
        let shallow = Limits { max_depth: 0, ..Limits::default() };
        let history = fan(3).crawl(shallow, &[START]).await;
        let rest = fan(3).resume(Limits::default(), &[START], history).await;
        assert_eq!(fetched(&rest), ["/1", "/2", "/3"]);
    });
}

#[test]
fn a_resumed_crawl_counts_the_pages_it_has() {
    virtual_time(async {
        let few = Limits { max_pages: count(3), ..Limits::default() };
        let history = fan(6).crawl(few.clone(), &[START]).await;
        assert_eq!(fan(6).resume(few, &[START], history.clone()).await, []);
        let more = Limits { max_pages: count(5), ..Limits::default() };
        assert_eq!(fan(6).resume(more, &[START], history).await.len(), 2);
    });
}

#[test]
fn a_resumed_crawl_keeps_the_true_depth_of_each_page() {
    virtual_time(async {
        let web = || {
            FakeWeb::new()
                .with_page(START, 1.ms(), &["/a", "/b"])
                .with_page("http://h/a", 1.ms(), &["/c"])
                .with_page("http://h/b", 9.ms(), &["/c", "/d"])
                .with_page("http://h/c", 1.ms(), &[])
                .with_page("http://h/d", 1.ms(), &[])
        };
        let whole = web().crawl(Limits::default(), &[START]).await;
        for cut in 0..=whole.len() {
            let history = whole[..cut].to_vec();
            let rest = web().resume(Limits::default(), &[START], history).await;
            for visit in &rest {
                let depth = whole.iter().find(|one| one.address == visit.address);
                assert_eq!(visit.depth, depth.expect("known").depth, "{}", visit.address);
            }
        }
    });
}

/// In the first session, the site `i` is down.
#[test]
fn a_resumed_crawl_requests_again_a_robots_txt_that_could_not_be_fetched() {
    virtual_time(async {
        let web = || {
            FakeWeb::new()
                .with_page(START, 1.ms(), &["/a"])
                .with_page("http://h/a", 1.ms(), &[])
                .with_page("http://i/", 1.ms(), &["/b"])
                .with_page("http://i/b", 1.ms(), &[])
        };
        let down = web().with_robots_failure("http://i/", Failure::Connect("x".into()));
        let starts = [START, "http://i/"];
        let history = down.crawl(Limits::default(), &starts).await;
        assert_eq!(fetched(&history), ["/", "/a"]);
        let failed = history.iter().find(|visit| visit.address == "http://i/");
        let outcome = &failed.expect("an outcome").outcome;
        assert!(matches!(outcome, Outcome::Failed { why: Failure::Robots(_), .. }));

        let rest = web().resume(Limits::default(), &starts, history).await;
        assert_eq!(fetched(&rest), ["http://i/", "http://i/b"]);
    });
}

#[test]
fn a_resumed_crawl_requests_a_page_again_for_which_this_machine_failed() {
    virtual_time(async {
        let mut history = fan(2).crawl(Limits::default(), &[START]).await;
        let why = Failure::Local("the disk is full".into());
        history[1].outcome = Outcome::Failed { why, attempts: 1 };
        let rest = fan(2).resume(Limits::default(), &[START], history).await;
        assert_eq!(fetched(&rest), ["/1"]);
    });
}
