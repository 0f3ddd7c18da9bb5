//! The page is marked when `visit` is called, and each link has a task.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::{BoxFuture, FutureExt};
use tokio::{task::JoinSet, time::sleep};

type Seen = Arc<Mutex<HashSet<String>>>;

fn visit(link: &'static str, seen: Seen) -> BoxFuture<'static, ()> {
    let page = link.find('#').map_or(link, |end| &link[..end]);
    let mut marked = seen.lock().unwrap();
    if marked.contains(page) {
        return async {}.boxed();
    }
    marked.insert(page.to_owned());
    drop(marked);
    async move {
        let mut visits = JoinSet::new();
        for link in request(page).await {
            visits.spawn(visit(link, seen.clone()));
        }
        visits.join_all().await;
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
