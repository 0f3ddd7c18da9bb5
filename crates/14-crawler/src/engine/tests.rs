//! What is asked for, when and how often is exact, whatever the site does.

use async_kit::{Millis, virtual_time};

use crate::{Failure, Fate, Rules, Skip, Visit, fake::FakeWeb};

const START: &str = "http://h/";

fn some(n: usize) -> std::num::NonZeroUsize {
    n.try_into().expect("not zero")
}

fn fate<'a>(visits: &'a [Visit], path: &str) -> &'a Fate {
    let address = format!("http://h{path}");
    let visit = visits.iter().find(|visit| visit.address == address);
    &visit.unwrap_or_else(|| panic!("no fate of {path}: {visits:#?}")).fate
}

fn fetched(visits: &[Visit]) -> Vec<&str> {
    let fetched = visits.iter().filter(|visit| matches!(visit.fate, Fate::Fetched(_)));
    fetched.map(|visit| visit.address.trim_start_matches("http://h")).collect()
}

/// A start page with so many pages below it, each 10 ms late.
fn fan(pages: usize) -> FakeWeb {
    let paths: Vec<_> = (1..=pages).map(|n| format!("/{n}")).collect();
    let links: Vec<_> = paths.iter().map(String::as_str).collect();
    let web = FakeWeb::new().with_page(START, 10.ms(), &links);
    paths.iter().fold(web, |web, path| {
        web.with_page(&format!("http://h{path}"), 10.ms(), &[START])
    })
}

fn unavailable(retry_after: Option<u64>) -> Failure {
    Failure::Status { status: 503, retry_after: retry_after.map(|ms| ms.ms()) }
}

#[test]
fn never_more_requests_are_under_way_than_the_limit_says() {
    virtual_time(async {
        let rules = Rules { concurrency: some(3), per_host: some(9), ..Rules::default() };
        let web = fan(7);
        web.crawl(rules, &[START]).await;
        let at: Vec<_> =
            web.asked().iter().map(|line| line[..2].trim().to_owned()).collect();
        assert_eq!(at, ["0", "0", "10", "10", "10", "20", "20", "20", "30"]);
    });
}

#[test]
fn no_page_beyond_the_wanted_number_is_asked_for() {
    virtual_time(async {
        let web = fan(7);
        let rules = Rules { max_pages: some(4), ..Rules::default() };
        let visits = web.crawl(rules, &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/1", "/2", "/3"]);
        assert_eq!(web.asked().len(), 5, "{:?}", web.asked());
    });
}

#[test]
fn failures_are_no_pages_and_leave_room_for_others() {
    virtual_time(async {
        let web = fan(4).with_answer(
            "http://h/1",
            10.ms(),
            Err(Failure::Status { status: 404, retry_after: None }),
        );
        let rules = Rules { max_pages: some(3), ..Rules::default() };
        let visits = web.crawl(rules, &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/2", "/3"]);
    });
}

#[test]
fn what_is_too_deep_or_off_site_is_passed_over_and_named_once() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 1.ms(), &["/a", "http://other/", "http://other/#x"])
            .with_page("http://h/a", 1.ms(), &["/deep", "http://other/", "/deep#x"]);
        let rules = Rules { max_depth: 1, ..Rules::default() };
        let visits = web.crawl(rules, &[START]).await;
        let passed: Vec<_> = visits.iter().flat_map(|visit| &visit.passed_over).collect();
        let expected = [
            &("http://other/".to_owned(), Skip::OffSite),
            &("http://h/deep".to_owned(), Skip::TooDeep),
        ];
        assert_eq!(passed, expected);
    });
}

#[test]
fn a_failure_that_may_pass_is_tried_again_and_another_is_not() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 10.ms(), &["/heals", "/stays", "/gone"])
            .with_page("http://h/heals", 10.ms(), &[])
            .failing("http://h/heals", 2, unavailable(None))
            .with_answer("http://h/stays", 10.ms(), Err(unavailable(None)));
        let visits = web.crawl(Rules::default(), &[START]).await;
        let heals: Vec<_> =
            web.asked().into_iter().filter(|l| l.contains("heals")).collect();
        // 200 ms after the first failure, 400 ms after the second.
        assert_eq!(heals, ["10 h/heals", "220 h/heals", "630 h/heals"]);
        assert_eq!(fetched(&visits), ["/", "/heals"]);
        let stays = Fate::Failed { why: unavailable(None), attempts: 3 };
        assert_eq!(*fate(&visits, "/stays"), stays);
        assert!(matches!(fate(&visits, "/gone"), Fate::Failed { attempts: 1, .. }));
    });
}

#[test]
fn a_site_that_asks_for_a_pause_is_left_alone_for_so_long() {
    virtual_time(async {
        let web = fan(3).failing("http://h/1", 1, unavailable(Some(5_000)));
        let rules = Rules { per_host: some(1), ..Rules::default() };
        web.crawl(rules, &[START]).await;
        let expected =
            ["0 h/robots.txt", "0 h/", "10 h/1", "5020 h/1", "5030 h/2", "5040 h/3"];
        assert_eq!(web.asked(), expected);
    });
}

#[test]
fn a_redirect_costs_no_depth_and_its_target_is_fetched_once() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_page(START, 10.ms(), &["/old", "/new"])
            .with_redirect("http://h/old", 10.ms(), "/new")
            .with_page("http://h/new", 10.ms(), &["child"])
            .with_redirect("http://h/child", 10.ms(), "/below/")
            .with_page("http://h/below/", 10.ms(), &["leaf"]);
        let visits = web.crawl(Rules::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["/", "/new", "/below/"]);
        let below = visits.last().expect("visits");
        let leaf = [("http://h/below/leaf".to_owned(), Skip::TooDeep)];
        assert_eq!((below.depth, &below.passed_over[..]), (2, &leaf[..]));
    });
}

#[test]
fn redirects_in_a_circle_and_redirects_for_ever_end() {
    virtual_time(async {
        let mut web = FakeWeb::new()
            .with_page(START, 1.ms(), &["/there", "/away/0"])
            .with_redirect("http://h/there", 1.ms(), "/back")
            .with_redirect("http://h/back", 1.ms(), "/there");
        for n in 0..20 {
            let (at, to) = (format!("http://h/away/{n}"), format!("/away/{}", n + 1));
            web = web.with_redirect(&at, 1.ms(), &to);
        }
        let visits = web.crawl(Rules::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["/"]);
        assert_eq!(
            *fate(&visits, "/away/10"),
            Fate::Skipped { why: Skip::Redirects(10) }
        );
    });
}

#[test]
fn a_start_page_that_moves_to_another_site_takes_the_crawl_there() {
    virtual_time(async {
        let web = FakeWeb::new()
            .with_redirect(START, 1.ms(), "http://www.h/")
            .with_page("http://www.h/", 1.ms(), &["/a"])
            .with_page("http://www.h/a", 1.ms(), &[]);
        let visits = web.crawl(Rules::default(), &[START]).await;
        assert_eq!(fetched(&visits), ["http://www.h/", "http://www.h/a"]);
    });
}

#[test]
fn a_site_whose_rules_cannot_be_had_is_not_asked_for_pages() {
    virtual_time(async {
        let web = fan(1).without_rules("http://h/", Failure::Robots("down".into()));
        let visits = web.crawl(Rules::default(), &[START]).await;
        assert_eq!(web.asked(), ["0 h/robots.txt"]);
        assert!(
            matches!(fate(&visits, "/"), Fate::Failed { attempts: 0, .. }),
            "{visits:?}"
        );
    });
}

#[test]
fn an_address_too_long_for_any_server_is_passed_over() {
    virtual_time(async {
        let long = format!("/{}", "a".repeat(2_000));
        let web = FakeWeb::new().with_page(START, 1.ms(), &[&long]);
        let visits = web.crawl(Rules::default(), &[START]).await;
        assert_eq!(visits[0].passed_over[0].1, Skip::TooLong);
    });
}

/// Wherever a crawl ends, the next one asks for the rest, and for nothing else.
#[test]
fn a_crawl_that_is_resumed_anywhere_asks_for_the_rest_only() {
    virtual_time(async {
        let whole = fan(6).crawl(Rules::default(), &[START]).await;
        for cut in 0..=whole.len() {
            let (web, history) = (fan(6), whole[..cut].to_vec());
            let rest = web.resume(Rules::default(), &[START], history).await;
            let mut all: Vec<_> =
                whole[..cut].iter().chain(&rest).map(|visit| &visit.address).collect();
            all.sort();
            let count = all.len();
            all.dedup();
            assert_eq!((count, all.len()), (7, 7), "after {cut}: {all:?}");
            let robots = usize::from(cut < 7);
            assert_eq!(web.asked().len(), rest.len() + robots, "{:?}", web.asked());
        }
    });
}

#[test]
fn a_crawl_that_is_resumed_with_a_greater_depth_takes_in_what_was_too_deep() {
    virtual_time(async {
        let shallow = Rules { max_depth: 0, ..Rules::default() };
        let history = fan(3).crawl(shallow, &[START]).await;
        let rest = fan(3).resume(Rules::default(), &[START], history).await;
        assert_eq!(fetched(&rest), ["/1", "/2", "/3"]);
    });
}

#[test]
fn a_crawl_that_is_resumed_counts_the_pages_it_has() {
    virtual_time(async {
        let few = Rules { max_pages: some(3), ..Rules::default() };
        let history = fan(6).crawl(few.clone(), &[START]).await;
        assert_eq!(fan(6).resume(few, &[START], history.clone()).await, []);
        let more = Rules { max_pages: some(5), ..Rules::default() };
        assert_eq!(fan(6).resume(more, &[START], history).await.len(), 2);
    });
}

#[test]
fn a_long_way_round_does_not_hide_a_short_one_after_a_crash_either() {
    virtual_time(async {
        let web = || {
            FakeWeb::new()
                .with_page(START, 1.ms(), &["/a", "/b"])
                .with_page("http://h/a", 1.ms(), &["/c"])
                .with_page("http://h/b", 9.ms(), &["/c", "/d"])
                .with_page("http://h/c", 1.ms(), &[])
                .with_page("http://h/d", 1.ms(), &[])
        };
        let whole = web().crawl(Rules::default(), &[START]).await;
        for cut in 0..=whole.len() {
            let history = whole[..cut].to_vec();
            let rest = web().resume(Rules::default(), &[START], history).await;
            for visit in &rest {
                let depth = whole.iter().find(|one| one.address == visit.address);
                assert_eq!(visit.depth, depth.expect("known").depth, "{}", visit.address);
            }
        }
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
        web.crawl(Rules::default(), &[START]).await;
        assert_eq!(web.asked(), ["0 h/robots.txt", "0 h/", "1 h/a"]);
    });
}
