//! What holds for the lab holds for a real site, and one that cannot be reached is told in words.
//!
//! `--url https://example.com` asks that site, with TLS and the certificates that the system trusts.
//! asyncio: the same with `aiohttp`, whose `ssl` module finds them. Tokio: reqwest's feature `rustls`.

use std::env;

use anyhow::Context;
use async_kit::{Lane, lab::Lab, say, stage::chapter};
use reqwest::Url;

use crate::{config::Config, fetcher::Fetcher};

/// The front page of the site that `--url` names, or of the lab.
pub(crate) async fn run() -> anyhow::Result<()> {
    let base = Lab::or_url(chapter::url()).await?;
    let proxy = if base.lab().is_some() { None } else { proxy() };
    let fetcher = Fetcher::new(Config { proxy, ..Config::default() })?;
    let page = front_page(&fetcher, &base.url("/")).try_lane("front page").await?;
    say!("{} bytes, {:?}", page.len(), title(&page));
    Ok(())
}

// ANCHOR: site
async fn front_page(fetcher: &Fetcher, url: &str) -> anyhow::Result<String> {
    let url: Url = url.parse().with_context(|| format!("{url:?} is no address"))?;
    let page = fetcher.bytes(&url).await;
    let page =
        page.with_context(|| format!("cannot fetch {url}: is it online, are you?"))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
// ANCHOR_END: site

/// Where the world is reached through a proxy, this is how one is told.
fn proxy() -> Option<String> {
    ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| env::var(name).ok())
}

/// Good enough for a glance; chapter 14 reads HTML as browsers do.
fn title(page: &str) -> &str {
    let (_, rest) = page.split_once("<title>").unwrap_or_default();
    rest.split("</title>").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
