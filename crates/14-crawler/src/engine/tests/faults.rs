//! A fault of a server costs at most a few attempts, and never an endless loop.

use std::convert::Infallible;

use async_kit::{Millis, virtual_time};
use tokio::{
    join,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{START, count, fan, fetched, outcome, skipped, unavailable};
use crate::{
    Address, Failure, Frontier, Limits, Outcome, Skip, Visit,
    engine::{self, Record},
    fake::FakeWeb,
};

#[test]
fn failures_do_not_count_towards_max_pages() {
    virtual_time(async {
        let web = fan(4).with_response(
            "http://h/1",
            10.ms(),
            Err(Failure::Status { status: 404, retry_after: None }),
        );
        let limits = Limits { max_pages: count(3), ..Limits::default() };
        let visits = web.crawl(limits, &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/2", "/3"]);
    });
}

#[test]
fn a_transient_failure_is_retried_and_a_permanent_one_is_not() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 10.ms(), &["/recovers", "/fails", "/gone"])
            .with_page("http://h/recovers", 10.ms(), &[])
            .failing("http://h/recovers", 2, unavailable(None))
            .with_response("http://h/fails", 10.ms(), Err(unavailable(None)));
        let visits = web.crawl(Limits::default(), &[START]).await;
        let requests: Vec<_> =
            web.requests().into_iter().filter(|l| l.contains("recovers")).collect();
        // 200 ms after the first failure, 400 ms after the second.
        assert_eq!(requests, ["10 h/recovers", "220 h/recovers", "630 h/recovers"]);
        assert_eq!(fetched(&visits), ["/", "/recovers"]);
        let fails = Outcome::Failed { why: unavailable(None), attempts: 3 };
        assert_eq!(*outcome(&visits, "/fails"), fails);
        assert!(matches!(outcome(&visits, "/gone"), Outcome::Failed { attempts: 1, .. }));
    });
}

#[test]
fn retry_after_pauses_the_whole_site() {
    virtual_time(async {
        let web = fan(3).failing("http://h/1", 1, unavailable(Some(5_000)));
        let limits = Limits { per_host: count(1), ..Limits::default() };
        web.crawl(limits, &[START]).await;
        let expected =
            ["0 h/robots.txt", "0 h/", "10 h/1", "5020 h/1", "5030 h/2", "5040 h/3"];
        assert_eq!(web.requests(), expected);
    });
}

#[test]
fn a_redirect_adds_no_depth_and_its_target_is_fetched_once() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 10.ms(), &["/old", "/new"])
            .with_redirect("http://h/old", 10.ms(), "/new")
            .with_page("http://h/new", 10.ms(), &["child"])
            .with_redirect("http://h/child", 10.ms(), "/below/")
            .with_page("http://h/below/", 10.ms(), &["leaf"]);
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/new", "/below/"]);
        assert_eq!(
            skipped(&visits)[2..],
            [("http://h/below/leaf", 3, &Skip::TooDeep)],
            "{visits:#?}"
        );
    });
}

/// Many servers redirect to the spelling that they prefer. It is one page, with one outcome.
#[test]
fn a_redirect_to_another_spelling_of_the_page_leads_to_the_page() {
    virtual_time(async {
        let web = || {
            FakeWeb::new()
                .with_page(START, 10.ms(), &["/%7eada?", "/~bob", "/c%c3%a9?", "/x?"])
                .with_redirect("http://h/%7eada?", 10.ms(), "/~ada?")
                .with_redirect("http://h/~ada?", 10.ms(), "/~ada")
                .with_page("http://h/~ada", 10.ms(), &["/below"])
                .with_redirect("http://h/~bob", 10.ms(), "/%7Ebob")
                .with_page("http://h/%7Ebob", 10.ms(), &[])
                .with_redirect("http://h/c%c3%a9?", 10.ms(), "/c%C3%A9")
                .failing("http://h/c%c3%a9?", 2, unavailable(None))
                .with_page("http://h/c%C3%A9", 10.ms(), &[])
                .failing("http://h/c%C3%A9", 2, unavailable(None))
                .with_redirect("http://h/x?", 10.ms(), "/x")
                .with_redirect("http://h/x", 10.ms(), "/below")
                .with_page("http://h/below", 10.ms(), &[])
        };
        let visits = web().crawl(Limits::default(), &[START]).await;
        let mut pages = fetched(&visits);
        pages.sort_unstable();
        assert_eq!(pages, ["/", "/%7Ebob", "/below", "/c%C3%A9", "/~ada"]);
        assert_eq!(visits.len(), 6, "{visits:#?}");
        for cut in 0..visits.len() {
            let history = visits[..cut].to_vec();
            let rest = web().resume(Limits::default(), &[START], history).await;
            assert_eq!(cut + rest.len(), visits.len(), "{rest:#?}");
        }
    });
}

#[test]
fn a_circle_of_spellings_ends() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_redirect("http://h/~a", 1.ms(), "/%7ea")
            .with_redirect("http://h/%7ea", 1.ms(), "/~a")
            .with_redirect("http://h/b", 1.ms(), "/b#x");
        let visits = web.crawl(Limits::default(), &["http://h/~a", "http://h/b"]).await;
        assert_eq!(visits.len(), 2, "{visits:#?}");
        let endless = Outcome::Skipped { why: Skip::Redirects(10) };
        assert_eq!(*outcome(&visits, "/~a"), endless);
        let to_itself = Outcome::Skipped { why: Skip::Moved("http://h/b".into()) };
        assert_eq!(*outcome(&visits, "/b"), to_itself);
        assert_eq!(web.requests().len(), 1 + 11 + 1, "{:?}", web.requests());
    });
}

#[test]
fn circular_and_endless_redirects_end() {
    virtual_time(async {
        let mut web = FakeWeb::new()
            .with_page(START, 1.ms(), &["/there", "/away/0"])
            .with_redirect("http://h/there", 1.ms(), "/back")
            .with_redirect("http://h/back", 1.ms(), "/there");
        for n in 0..20 {
            let (at, to) = (format!("http://h/away/{n}"), format!("/away/{}", n + 1));
            web = web.with_redirect(&at, 1.ms(), &to);
        }
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["/"]);
        assert_eq!(
            *outcome(&visits, "/away/10"),
            Outcome::Skipped { why: Skip::Redirects(10) }
        );
    });
}

#[test]
fn a_start_page_may_redirect_the_crawl_to_another_site() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_redirect(START, 1.ms(), "http://www.h/")
            .with_page("http://www.h/", 1.ms(), &["/a"])
            .with_page("http://www.h/a", 1.ms(), &[]);
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["http://www.h/", "http://www.h/a"]);
    });
}

/// The requests in flight are finished. The page has no outcome, so a resumed crawl requests it again,
/// and finds the pages behind it at their true depth.
#[test]
fn a_failure_of_this_machine_ends_the_crawl_and_the_page_waits_for_a_resumed_one() {
    let web = || {
        FakeWeb::new()
            .with_page(START, 10.ms(), &["/full", "/slow", "/later"])
            .with_page("http://h/full", 10.ms(), &["/behind"])
            .with_page("http://h/slow", 20.ms(), &["/below"])
            .with_page("http://h/later", 10.ms(), &[])
            .with_page("http://h/behind", 10.ms(), &[])
            .with_page("http://h/below", 10.ms(), &["/behind", "/too-deep"])
    };
    virtual_time(async move {
        let full =
            web().failing("http://h/full", 1, Failure::Local("the disk is full".into()));
        let limits = Limits { per_host: count(2), ..Limits::default() };
        let history = full.crawl(limits.clone(), &[START]).await;
        assert_eq!(fetched(&history), ["/", "/slow"]);
        assert_eq!(full.requests().len(), 4, "{:?}", full.requests());

        let rest = web().resume(limits, &[START], history).await;
        assert_eq!(fetched(&rest), ["/full", "/later", "/below", "/behind"]);
        let behind = rest.iter().find(|visit| visit.address.ends_with("/behind"));
        assert_eq!(behind.expect("it was visited").depth, 2);
    });
}

#[test]
fn a_failure_of_this_machine_during_robots_txt_is_no_outcome_of_the_pages() {
    virtual_time(async {
        let full = fan(2).with_robots_failure(START, Failure::Local("full".into()));
        let history = full.crawl(Limits::default(), &[START]).await;
        assert_eq!((full.requests(), history.len()), (vec!["0 h/robots.txt".into()], 0));
        let rest = fan(2).resume(Limits::default(), &[START], history).await;
        assert_eq!(fetched(&rest), ["/", "/1", "/2"]);
    });
}

#[test]
fn no_page_is_requested_if_robots_txt_cannot_be_fetched() {
    virtual_time(async {
        let web = fan(1).with_robots_failure("http://h/", Failure::Robots("down".into()));
        let visits = web.crawl(Limits::default(), &[START]).await;
        assert_eq!(web.requests(), ["0 h/robots.txt"]);
        assert!(
            matches!(outcome(&visits, "/"), Outcome::Failed { attempts: 0, .. }),
            "{visits:?}"
        );
    });
}

/// Three attempts have two pauses. No pause is longer than a minute.
#[test]
fn the_robots_txt_is_requested_again_after_a_transient_failure() {
    for (retry_after, requests) in [
        (None, ["0", "200", "600"]),
        (Some(0), ["0", "200", "600"]),
        (Some(5_000), ["0", "5000", "10000"]),
        (Some(u64::MAX), ["0", "60000", "120000"]),
    ] {
        virtual_time(async move {
            let web = fan(1).with_robots_failure(START, unavailable(retry_after));
            let visits = web.crawl(Limits::default(), &[START]).await;
            let expected = requests.map(|at| format!("{at} h/robots.txt"));
            assert_eq!(web.requests(), expected, "{retry_after:?}");
            let why = Failure::Robots("HTTP 503".into());
            assert_eq!(*outcome(&visits, "/"), Outcome::Failed { why, attempts: 0 });
        });
    }
}

#[test]
fn while_one_site_waits_for_its_robots_txt_the_others_are_crawled() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_robots_failure(START, unavailable(Some(60_000)))
            .with_page("http://i/", 10.ms(), &["/a"])
            .with_page("http://i/a", 10.ms(), &[]);
        let limits = Limits { concurrency: count(1), max_depth: 0, ..Limits::default() };
        web.crawl(limits, &[START, "http://i/"]).await;
        let expected = ["0 h/robots.txt", "0 i/robots.txt", "0 i/"];
        assert_eq!(web.requests()[..3], expected, "{:?}", web.requests());
    });
}

struct Nothing;

impl Record for Nothing {
    type Error = Infallible;

    async fn record(&mut self, _: Vec<Visit>, _: usize) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Neither a page nor a `robots.txt` that waits for its next attempt is in flight.
#[test]
fn a_stopped_crawl_waits_for_no_further_attempt() {
    for failing in [
        fan(1).with_robots_failure(START, unavailable(Some(60_000))),
        fan(1).failing(START, 1, unavailable(Some(60_000))),
    ] {
        virtual_time(async move {
            let start = Address::parse(START).expect("an address");
            let mut frontier = Frontier::new(Limits::default(), &[start], []);
            let (stop, began) = (CancellationToken::new(), Instant::now());
            let mut record = Nothing;
            let crawl = engine::run(failing, &mut frontier, &mut record, &stop);
            let interrupt = async {
                sleep(1_000.ms()).await;
                stop.cancel();
            };
            let (Ok(()), ()) = join!(crawl, interrupt);
            assert_eq!((began.elapsed(), frontier.waiting()), (1_000.ms(), 1));
        });
    }
}
