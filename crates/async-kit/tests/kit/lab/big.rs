//! A big site has the requested number of pages, and each is at most four links from page 0.

use std::collections::VecDeque;

use super::support::Fixture;

/// The numbers of the pages that a page links to.
fn links(page: &str) -> Vec<usize> {
    let after = page.split("href=\"").skip(1);
    after.filter_map(|rest| rest.split_once('"')?.0.parse().ok()).collect()
}

#[tokio::test]
async fn every_page_is_at_most_four_links_from_page_0() {
    const PAGES: usize = 100;
    let fixture = Fixture::start().await;
    let mut depths = vec![None; PAGES];
    depths[0] = Some(0);
    let mut queue = VecDeque::from([0]);
    while let Some(i) = queue.pop_front() {
        let name = if i == 0 { String::new() } else { i.to_string() };
        let page = fixture.text_of(&format!("/big/{PAGES}/{name}")).await;
        assert!(page.contains(&format!("<title>Page {i} of 100</title>")), "{page}");
        assert!((2500..4096).contains(&page.len()), "{} bytes", page.len());
        for to in links(&page) {
            if depths[to].is_none() {
                depths[to] = Some(depths[i].expect("it was in the queue") + 1);
                queue.push_back(to);
            }
        }
    }
    let deepest = depths.iter().max().copied().flatten();
    assert!(depths.iter().all(Option::is_some), "{depths:?}");
    assert!(deepest <= Some(4), "{depths:?}");
}

#[tokio::test]
async fn a_page_past_the_last_is_not_found() {
    let fixture = Fixture::start().await;
    for (path, status) in [
        ("/big/2", 308),
        ("/big/1/", 200),
        ("/big/2/1", 200),
        ("/big/2/2", 404),
        ("/big/0/", 400),
    ] {
        assert_eq!(fixture.status_of(path).await, status, "{path}");
    }
}
