//! A vector of pages in the order of discovery, and a level is its end.

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

type Page = &'static str;

async fn crawl(start: Page, depth: usize) {
    let (mut seen, mut first) = (vec![start], 0);
    for number in 0..=depth {
        let level = seen[first..].to_vec();
        first = seen.len();
        say!("level {number}: {}", level.join(", "));
        for &link in join_all(level.into_iter().map(fetch)).await.into_iter().flatten() {
            if !seen.contains(&link) {
                seen.push(link);
            }
        }
    }
    say!("not requested: {}", seen[first..].join(", "));
}

/// Returns the links of a page. Do not change it.
async fn fetch(page: Page) -> &'static [Page] {
    let (latency, links): (u64, &[Page]) = match page {
        "/" => (20, &["/rooms", "/tickets"]),
        "/rooms" => (60, &["/rooms/stone", "/tickets", "/"]),
        "/tickets" => (30, &["/prices", "/rooms/stone"]),
        "/rooms/stone" => (20, &["/rooms/bronze"]),
        "/prices" => (50, &["/shop"]),
        _ => (10, &[]),
    };
    let response = async {
        sleep(latency.ms()).step("request").await;
        say!("links: {}", links.len());
    };
    response.lane(page).await;
    links
}

async fn run() {
    crawl("/", 2).await;
}

fn main() {
    exercise::show(run());
}
