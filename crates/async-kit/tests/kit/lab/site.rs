//! A walk from page 0 finds every page of a site, and every trap.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::Url;

use super::support::{Visit, in_time, sent};

/// The pages of one walk with their depths, and what else it came across.
#[derive(Debug, Default)]
struct Walk {
    pages: BTreeMap<String, u32>,
    dead: Vec<String>,
    moved: Vec<String>,
    other_kinds: Vec<String>,
    outside: BTreeSet<String>,
}

async fn walk(visit: &Visit, start: &str) -> Walk {
    let start = Url::parse(&visit.lab.url(start)).expect("an address");
    let (mut walk, mut seen) = (Walk::default(), BTreeSet::from([start.clone()]));
    let mut queue = VecDeque::from([(start.clone(), 0)]);
    while let Some((url, depth)) = queue.pop_front() {
        let answer = sent(visit.client.get(url.clone())).await;
        let path = url.path().to_owned();
        if answer.status().is_client_error() {
            walk.dead.push(path);
        } else if answer.status().is_redirection() {
            walk.moved.push(path);
        } else if answer.headers()["content-type"] != "text/html; charset=utf-8" {
            walk.other_kinds.push(path);
        } else {
            walk.pages.insert(path, depth);
            for link in links(&in_time(answer.text()).await.expect("a page")) {
                let mut next = url.join(&link).expect("a link");
                next.set_fragment(None);
                if next.origin() != start.origin() {
                    walk.outside.insert(link);
                } else if seen.insert(next.clone()) {
                    queue.push_back((next, depth + 1));
                }
            }
        }
    }
    walk
}

fn links(page: &str) -> Vec<String> {
    let after = page.split("href=\"").skip(1);
    after.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[tokio::test]
async fn a_walk_finds_every_page_once_and_every_trap() {
    let visit = Visit::start().await;
    let found = walk(&visit, "/site/30/").await;
    let numbered = (1..30).map(|i| format!("/site/30/page/{i}"));
    let pages = ["/private/", "/site/30/"].map(str::to_owned).into_iter().chain(numbered);
    assert_eq!(found.pages.keys().cloned().collect::<BTreeSet<_>>(), pages.collect());
    assert_eq!(found.dead, ["/site/30/missing"]);
    assert_eq!(found.moved, ["/site/30/old/1"]);
    assert_eq!(found.other_kinds, ["/site/30/notes.txt", "/site/30/data.json"]);
    assert_eq!(found.outside.len(), 4, "{:?}", found.outside);
    // 30 pages, one that robots should not see, one dead, one moved, two of another kind.
    assert_eq!(visit.lab.stats().requests, 35, "{found:?}");
}

#[tokio::test]
async fn a_way_through_every_page_is_longer_than_the_shortest() {
    let visit = Visit::start().await;
    let found = walk(&visit, "/site/30/").await;
    for (page, depth) in [(1, 1), (3, 1), (4, 2), (12, 2), (13, 3), (29, 3)] {
        assert_eq!(found.pages[&format!("/site/30/page/{page}")], depth, "page {page}");
    }
    // Following only the first link onwards comes to page 4 in four steps, not in two.
    for page in 1..29 {
        let links = links(&visit.text_of(&format!("/site/30/page/{page}")).await);
        let onwards = format!("/site/30/page/{}", page + 1);
        assert_eq!(links.iter().find(|link| link.contains("page")), Some(&onwards));
    }
}

#[tokio::test]
async fn an_address_that_begins_like_the_site_belongs_to_another() {
    let visit = Visit::start().await;
    let found = walk(&visit, "/site/1/").await;
    let base = visit.lab.url("/").trim_end_matches('/').to_owned();
    let disguised = found.outside.iter().find(|link| link.starts_with(&base));
    let url = Url::parse(disguised.expect("one in disguise")).expect("an address");
    assert_eq!(url.host_str(), Some("example.org"), "{url}");
}

#[tokio::test]
async fn a_site_has_the_size_it_is_asked_for() {
    let visit = Visit::start().await;
    for size in [1, 2, 4, 5, 100] {
        let found = walk(&visit, &format!("/site/{size}/")).await;
        let pages = found.pages.keys().filter(|page| page.starts_with("/site/"));
        assert_eq!(pages.count(), size, "{found:?}");
        assert_eq!(visit.status_of(&format!("/site/{size}/page/{size}")).await, 404);
    }
}

#[tokio::test]
async fn two_labs_have_the_same_site() {
    let (one, two) = (Visit::start().await, Visit::start().await);
    for path in ["/site/9/page/2", "/site/9-1ms/page/8"] {
        assert_eq!(one.text_of(path).await, two.text_of(path).await, "{path}");
    }
}

#[tokio::test]
async fn a_title_needs_a_parser() {
    let visit = Visit::start().await;
    let page = visit.text_of("/site/9/page/2").await;
    assert!(
        page.contains("<title lang=\"en\">\n  Page 2 &amp; its links\n</title>"),
        "{page}"
    );
}

#[tokio::test]
async fn what_has_moved_says_where_to() {
    let visit = Visit::start().await;
    for (old, new) in [("/site/9", "/site/9/"), ("/site/9/old/1", "/site/9/page/1")] {
        let answer = sent(visit.get(old)).await;
        assert_eq!(answer.status(), 308, "{new}");
        assert_eq!(answer.headers()["location"], new);
    }
}
