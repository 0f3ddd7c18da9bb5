//! A crawl from page 0 finds every page of a site, and every trap.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::Url;

use super::support::{Fixture, in_time, send};

/// The pages that one crawl found with their depths, and the other addresses it found.
#[derive(Debug, Default)]
struct Crawl {
    pages: BTreeMap<String, u32>,
    dead: Vec<String>,
    moved: Vec<String>,
    other_types: Vec<String>,
    outside: BTreeSet<String>,
}

async fn crawl(fixture: &Fixture, start: &str) -> Crawl {
    let start = Url::parse(&fixture.lab.url(start)).expect("an address");
    let (mut found, mut seen) = (Crawl::default(), BTreeSet::from([start.clone()]));
    let mut queue = VecDeque::from([(start.clone(), 0)]);
    while let Some((url, depth)) = queue.pop_front() {
        let response = send(fixture.client.get(url.clone())).await;
        let path = url.path().to_owned();
        if response.status().is_client_error() {
            found.dead.push(path);
        } else if response.status().is_redirection() {
            found.moved.push(path);
        } else if response.headers()["content-type"] != "text/html; charset=utf-8" {
            found.other_types.push(path);
        } else {
            found.pages.insert(path, depth);
            for link in links(&in_time(response.text()).await.expect("a page")) {
                let mut next = url.join(&link).expect("a link");
                next.set_fragment(None);
                if next.origin() != start.origin() {
                    found.outside.insert(link);
                } else if seen.insert(next.clone()) {
                    queue.push_back((next, depth + 1));
                }
            }
        }
    }
    found
}

fn links(page: &str) -> Vec<String> {
    let after = page.split("href=\"").skip(1);
    after.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[tokio::test]
async fn a_crawl_finds_every_page_once_and_every_trap() {
    let fixture = Fixture::start().await;
    let found = crawl(&fixture, "/site/30/").await;
    let numbered = (1..30).map(|i| format!("/site/30/page/{i}"));
    let pages = ["/private/", "/site/30/"].map(str::to_owned).into_iter().chain(numbered);
    assert_eq!(found.pages.keys().cloned().collect::<BTreeSet<_>>(), pages.collect());
    assert_eq!(found.dead, ["/site/30/missing"]);
    assert_eq!(found.moved, ["/site/30/old/1"]);
    assert_eq!(found.other_types, ["/site/30/notes.txt", "/site/30/data.json"]);
    assert_eq!(found.outside.len(), 4, "{:?}", found.outside);
    // 30 pages, one that robots.txt forbids, one dead link, one redirect, two of another type.
    assert_eq!(fixture.lab.stats().requests, 35, "{found:?}");
}

#[tokio::test]
async fn the_path_through_every_page_is_longer_than_the_shortest_path() {
    let fixture = Fixture::start().await;
    let found = crawl(&fixture, "/site/30/").await;
    for (page, depth) in [(1, 1), (3, 1), (4, 2), (12, 2), (13, 3), (29, 3)] {
        assert_eq!(found.pages[&format!("/site/30/page/{page}")], depth, "page {page}");
    }
    // A crawler that follows only the first link of each page needs four steps to page 4, not two.
    for page in 1..29 {
        let links = links(&fixture.text_of(&format!("/site/30/page/{page}")).await);
        let next = format!("/site/30/page/{}", page + 1);
        assert_eq!(links.iter().find(|link| link.contains("page")), Some(&next));
    }
}

#[tokio::test]
async fn an_address_that_begins_like_the_site_has_another_host() {
    let fixture = Fixture::start().await;
    let found = crawl(&fixture, "/site/1/").await;
    let base = fixture.lab.url("/").trim_end_matches('/').to_owned();
    let disguised = found.outside.iter().find(|link| link.starts_with(&base));
    let url = Url::parse(disguised.expect("a disguised address")).expect("an address");
    assert_eq!(url.host_str(), Some("example.org"), "{url}");
}

#[tokio::test]
async fn a_site_has_the_requested_number_of_pages() {
    let fixture = Fixture::start().await;
    for size in [1, 2, 4, 5, 100] {
        let found = crawl(&fixture, &format!("/site/{size}/")).await;
        let pages = found.pages.keys().filter(|page| page.starts_with("/site/"));
        assert_eq!(pages.count(), size, "{found:?}");
        assert_eq!(fixture.status_of(&format!("/site/{size}/page/{size}")).await, 404);
    }
}

#[tokio::test]
async fn two_labs_serve_the_same_site() {
    let (one, two) = (Fixture::start().await, Fixture::start().await);
    for path in ["/site/9/page/2", "/site/9-1ms/page/8"] {
        assert_eq!(one.text_of(path).await, two.text_of(path).await, "{path}");
    }
}

#[tokio::test]
async fn a_title_needs_a_parser() {
    let fixture = Fixture::start().await;
    let page = fixture.text_of("/site/9/page/2").await;
    assert!(
        page.contains("<title lang=\"en\">\n  Page 2 &amp; its links\n</title>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_redirect_names_the_new_address() {
    let fixture = Fixture::start().await;
    for (old, new) in [("/site/9", "/site/9/"), ("/site/9/old/1", "/site/9/page/1")] {
        let response = send(fixture.get(old)).await;
        assert_eq!(response.status(), 308, "{new}");
        assert_eq!(response.headers()["location"], new);
    }
}
