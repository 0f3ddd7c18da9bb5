//! The links are collected in the order in which the pages arrive.
//! message: and collect their links in the order

use std::collections::HashSet;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{task::JoinSet, time::sleep};

type Page = &'static str;

async fn crawl(start: Page, depth: usize) {
    let (mut seen, mut level) = (HashSet::from([start]), vec![start]);
    for number in 0..=depth {
        say!("level {number}: {}", level.join(", "));
        let mut tasks: JoinSet<_> = level.iter().map(|page| fetch(page)).collect();
        let mut pages = Vec::new();
        while let Some(links) = tasks.join_next().await {
            pages.push(links.expect("no request panics"));
        }
        let links = pages.into_iter().flatten().copied();
        level = links.filter(|link| seen.insert(link)).collect();
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
