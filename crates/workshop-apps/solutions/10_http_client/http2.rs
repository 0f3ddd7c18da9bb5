//! `buffer_unordered(3)` starts a download whenever one of the three in flight has ended, so the slow page
//! delays no other. The results have the order in which the pages arrive, and the number beside each one
//! sorts them. `buffered(3)` sorts by itself, but it keeps three futures, finished ones included, until
//! the oldest has been returned: during the slow page only two others are downloaded.
//!
//! Each result is a value of its own: no `?` and no `try_` ends the work early, so an author whose page
//! is gone does not cost the pages of the others.

use async_kit::{Lane, exercise, lab::Lab, say};
use futures::{StreamExt, stream};
use reqwest::Client;

type Page = reqwest::Result<String>;

async fn download_all(client: Client, urls: Vec<String>) -> Vec<Page> {
    let page = async |(number, url)| (number, download(client.clone(), url).await);
    let pages = stream::iter(urls.into_iter().enumerate().map(page));
    let mut pages: Vec<_> = pages.buffer_unordered(3).collect().await;
    pages.sort_by_key(|(number, _)| *number);
    pages.into_iter().map(|(_, page)| page).collect()
}

/// One page: do not change it.
async fn download(client: Client, url: String) -> Page {
    let author = url.rsplit('=').next().unwrap_or_default().to_owned();
    let page = async {
        let response = client.get(&url).send().await?.error_for_status()?;
        response.text().await
    };
    page.step("download").try_lane(author).await
}

/// The first page is slow, the page of Cid is gone, and that of Eve breaks off.
const PATHS: [&str; 8] = [
    "/delay/300?author=ann",
    "/users/2?author=bob",
    "/status/404?author=cid",
    "/users/4?author=dan",
    "/reset?author=eve",
    "/users/6?author=fay",
    "/users/7?author=gus",
    "/users/8?author=hal",
];

async fn run() -> anyhow::Result<Vec<Page>> {
    let lab = Lab::start().await?;
    let client = Client::builder().no_proxy().build()?;
    let pages = download_all(client, PATHS.map(|path| lab.url(path)).into()).await;
    say!("{} of {} pages are here", pages.iter().flatten().count(), PATHS.len());
    say!("the server counted {} requests", lab.stats().requests);
    Ok(pages)
}

fn main() {
    exercise::show_in_real_time(async { run().await.map(drop) });
}
