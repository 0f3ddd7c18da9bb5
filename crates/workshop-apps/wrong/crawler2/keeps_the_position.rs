//! The link is marked with the part from `#` on.
//! message: The part from `#` on is a position inside the page, not another page.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::{BoxFuture, FutureExt, join_all};
use tokio::time::sleep;

type Seen = Arc<Mutex<HashSet<String>>>;

fn visit(link: &'static str, seen: Seen) -> BoxFuture<'static, ()> {
    async move {
        if !seen.lock().unwrap().insert(link.to_owned()) {
            return;
        }
        let links = request(link).await;
        join_all(links.iter().map(|link| visit(link, seen.clone()))).await;
    }
    .boxed()
}

/// Returns the links of a page. Do not change it.
async fn request(page: &str) -> &'static [&'static str] {
    let (latency, links): (u64, &[&str]) = match page.split('#').next() {
        Some("/") => (20, &["/wine", "/today", "/#map"]),
        Some("/wine") => (30, &["/menu", "/"]),
        Some("/today") => (40, &["/menu#soup", "/menu#fish", "/wine"]),
        Some("/menu") => (50, &["/today", "/#map", "/prices#lunch"]),
        _ => (10, &[]),
    };
    let response = async {
        say!("is requested");
        sleep(latency.ms()).step("request").await;
    };
    response.lane(page).await;
    links
}

async fn run() {
    visit("/", Seen::default()).await;
}

fn main() {
    exercise::show(run());
}
