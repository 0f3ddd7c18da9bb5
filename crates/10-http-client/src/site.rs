//! The same fetcher reads a real site over TLS, and an unreachable site is an error with its cause.
//!
//! `--url https://example.com` fetches that site, with the certificates that the system trusts.
//! asyncio: `aiohttp` does the same with the `ssl` module. Tokio: reqwest's feature `rustls`.
#![cfg(not(target_family = "wasm"))]

use std::env;

use anyhow::Context;
use async_kit::{Lane, lab::Lab, say, stage::chapter};
use reqwest::Url;

use crate::{fetcher::Fetcher, fetcher_config::Config};

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
    let url: Url = url.parse().with_context(|| format!("{url:?} is not a valid URL"))?;
    let page = fetcher.bytes(&url).await;
    let page = page.with_context(|| {
        format!("cannot fetch {url}: are the server and this machine online?")
    })?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
// ANCHOR_END: site

/// The proxy of this environment, for networks that reach the internet only through one.
fn proxy() -> Option<String> {
    ["HTTPS_PROXY", "https_proxy"].iter().find_map(|name| env::var(name).ok())
}

/// Good enough for a first look; chapter 14 parses HTML as browsers do.
fn title(page: &str) -> &str {
    let (_, rest) = page.split_once("<title>").unwrap_or_default();
    rest.split("</title>").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
