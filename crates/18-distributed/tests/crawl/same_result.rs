//! Without a death, a shared crawl is the plain crawl: the same addresses, depths and outcomes.

use async_kit::{Millis, virtual_time};
use crawler::{Failure, Limits, Response, fake::FakeWeb};
use distributed::{Settings, Status, crawl::Options};
use proptest::{collection::vec, prelude::*, test_runner::Config};

use super::{
    strangers::settings,
    support::{
        START, count, end, in_memory, member, options, plain, plan, requests, shared,
    },
};

/// Pages, redirects, dead links, a page that recovers, one that does not, and another site.
pub(crate) fn site() -> FakeWeb {
    let unavailable = || Failure::Status { status: 503, retry_after: Some(50.ms()) };
    FakeWeb::new()
        .with_page(START, 10.ms(), &["/a", "/b", "/old", "/private", "http://i/"])
        .with_page("http://h/a", 10.ms(), &["/", "/c", "/d", "/missing"])
        .with_page("http://h/b", 20.ms(), &["/d", "/e", "/fails"])
        .with_page("http://h/c", 10.ms(), &["/recovers"])
        .with_page("http://h/d", 30.ms(), &[])
        .with_page("http://h/e", 10.ms(), &["/c"])
        .with_redirect("http://h/old", 10.ms(), "/e")
        .with_page("http://h/recovers", 10.ms(), &[])
        .failing("http://h/recovers", 2, unavailable())
        .with_response("http://h/fails", 10.ms(), Err(unavailable()))
        .with_robots(START, 10.ms(), "User-agent: *\nDisallow: /private\n")
}

#[test]
fn three_members_decide_what_the_plain_crawler_decides_and_request_nothing_more() {
    virtual_time(async {
        let (alone, together) = (site(), site());
        let plan = plan(&[START]);
        let expected = plain(&alone, &plan).await;
        let broker = in_memory();
        let members =
            [(); 3].map(|()| member(&broker, together.clone(), &plan, options()));
        for member in members {
            end(member).await;
        }
        assert_eq!(shared(&broker).await, expected);
        assert_eq!(requests(&together), requests(&alone));
        for name in ["pages", "results"] {
            let settings = Settings { dedup_window: 120.secs(), ..settings() };
            let queue = broker.queue(name, settings).await.expect("a queue");
            assert_eq!(
                queue.status().await.expect("a status"),
                Status::default(),
                "{name}"
            );
        }
    });
}

#[test]
fn the_limits_are_those_of_the_whole_crawl() {
    virtual_time(async {
        let mut plan = plan(&[START]);
        plan.limits.max_pages = count(3);
        let (broker, web) = (in_memory(), site());
        let members = [(); 3].map(|()| member(&broker, web.clone(), &plan, options()));
        for member in members {
            end(member).await;
        }
        let fetched = shared(&broker).await.into_values();
        let fetched = fetched.filter(|(.., outcome)| outcome["outcome"] == "fetched");
        assert_eq!(fetched.count(), 3);
        assert_eq!(requests(&web).len(), 3, "{:?}", web.requests());
    });
}

#[test]
fn a_member_that_comes_late_finds_the_crawl_over_and_requests_nothing() {
    virtual_time(async {
        let (broker, web, plan) = (in_memory(), site(), plan(&[START]));
        end(member(&broker, web.clone(), &plan, options())).await;
        let (visits, requested) = (shared(&broker).await, web.requests().len());
        for _ in 0..3 {
            end(member(&broker, web.clone(), &plan, options())).await;
        }
        assert_eq!(shared(&broker).await, visits);
        assert_eq!(web.requests().len(), requested);
    });
}

/// A result of more than a mebibyte does not fit into one message, nor into one entry of the log.
#[test]
fn a_page_with_thousands_of_long_links_is_decided_as_by_the_plain_crawler() {
    virtual_time(async {
        let links: Vec<_> =
            (0..3_000).map(|n| format!("/{n}{}", "x".repeat(700))).collect();
        let links: Vec<_> = links.iter().map(String::as_str).collect();
        let web = || FakeWeb::new().with_page(START, 1.ms(), &links);
        let mut plan = plan(&[START]);
        plan.limits = Limits { max_depth: 0, ..plan.limits };
        let expected = plain(&web(), &plan).await;
        let broker = in_memory();
        end(member(&broker, web(), &plan, options())).await;
        let decided = shared(&broker).await;
        assert_eq!(decided.len(), 3_001);
        assert!(decided == expected);
    });
}

/// What a server returns for an address, by the index of the addresses that it leads to.
#[derive(Clone, Debug)]
enum Node {
    Page(Vec<usize>),
    Moved(usize),
    Missing,
    Unwanted,
}

const NODES: usize = 8;

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![
        4 => vec(0..NODES, 0..4).prop_map(Node::Page),
        1 => (0..NODES).prop_map(Node::Moved),
        1 => Just(Node::Missing),
        1 => Just(Node::Unwanted),
    ]
}

fn web(nodes: &[(Node, u64)]) -> FakeWeb {
    let at = |n: usize| format!("http://h/{n}");
    let add = |web: FakeWeb, (n, (node, latency)): (usize, &(Node, u64))| match node {
        Node::Page(links) => {
            let links: Vec<_> = links.iter().map(|link| at(*link)).collect();
            let links: Vec<_> = links.iter().map(String::as_str).collect();
            web.with_page(&at(n), latency.ms(), &links)
        }
        Node::Moved(to) => web.with_redirect(&at(n), latency.ms(), &at(*to)),
        Node::Missing => web,
        Node::Unwanted => {
            let why = crawler::Skip::NotHtml("image/png".into());
            web.with_response(&at(n), latency.ms(), Ok(Response::Unwanted(why)))
        }
    };
    nodes.iter().enumerate().fold(FakeWeb::new(), add)
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(64) })]

    #[test]
    fn any_small_web_is_decided_as_by_the_plain_crawler(
        nodes in vec((node(), 0..40u64), NODES),
        members in 1..5usize,
        requests_each in 1..4usize,
        max_depth in 0..5u32,
    ) {
        let (decided, expected, twice) = virtual_time(async move {
            let mut plan = plan(&["http://h/0"]);
            plan.limits.max_depth = max_depth;
            let expected = plain(&web(&nodes), &plan).await;
            let (broker, web) = (in_memory(), web(&nodes));
            let each = Options { requests: count(requests_each), ..options() };
            let members: Vec<_> = (0..members)
                .map(|_| member(&broker, web.clone(), &plan, each.clone()))
                .collect();
            for member in members {
                end(member).await;
            }
            let twice = requests(&web).into_iter().filter(|(_, times)| *times > 1).count();
            (shared(&broker).await, expected, twice)
        });
        prop_assert_eq!(decided, expected);
        prop_assert_eq!(twice, 0);
    }
}
