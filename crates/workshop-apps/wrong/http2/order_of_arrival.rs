//! The results come in the order in which the pages arrive.
//! message: The results have the order in which the pages arrived

use async_kit::{Lane, exercise, lab::Lab, say};
use futures::{StreamExt, stream};
use reqwest::Client;

type Page = reqwest::Result<String>;

async fn download_all(client: Client, urls: Vec<String>) -> Vec<Page> {
    let pages = urls.into_iter().map(|url| download(client.clone(), url));
    stream::iter(pages).buffer_unordered(3).collect().await
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
