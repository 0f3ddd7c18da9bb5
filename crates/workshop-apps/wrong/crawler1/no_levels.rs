//! Each page requests its links as soon as it has arrived.
//! message: `gather` waits for all pages of a level.

use std::collections::HashSet;

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream::FuturesUnordered};
use tokio::time::sleep;

type Page = &'static str;

async fn crawl(start: Page, depth: usize) {
    let mut seen = HashSet::from([start]);
    let mut requests = FuturesUnordered::new();
    say!("level 0: {start}");
    let request = async |page, number| (fetch(page).await, number);
    requests.push(request(start, 0));
    let mut left = Vec::new();
    while let Some((links, number)) = requests.next().await {
        for link in links.iter().copied().filter(|link| seen.insert(link)) {
            if number == depth {
                left.push(link);
            } else {
                say!("level {}: {link}", number + 1);
                requests.push(request(link, number + 1));
            }
        }
    }
    say!("not requested: {}", left.join(", "));
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
