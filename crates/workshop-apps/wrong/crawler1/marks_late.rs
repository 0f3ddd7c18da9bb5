//! A link is marked when its level begins, so it may be in a level twice.
//! message: A page that is known already is requested again

use std::collections::HashSet;

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

type Page = &'static str;

async fn crawl(start: Page, depth: usize) {
    let (mut seen, mut level) = (HashSet::from([start]), vec![start]);
    for number in 0..=depth {
        seen.extend(&level);
        say!("level {number}: {}", level.join(", "));
        let pages = join_all(level.iter().map(|page| fetch(page))).await;
        let links = pages.into_iter().flatten().copied();
        level = links.filter(|link| !seen.contains(link)).collect();
    }
    say!("not requested: {}", level.join(", "));
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
