//! Forty lines of `reqwest` and `scraper` crawl a site, if no request fails.

use std::{
    collections::{HashSet, VecDeque},
    sync::LazyLock,
};

use reqwest::{Client, Url};
use scraper::{Html, Selector};
use tokio::task::JoinSet;

static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("title"));
static LINK: LazyLock<Selector> = LazyLock::new(|| selector("a[href]"));

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector")
}

/// The title and the links of a page.
pub(crate) type Page = (Option<String>, Vec<Url>);

/// Crawls the site of `start`, and parses each page with `parse`. Returns how many pages have a
/// title.
pub(crate) async fn crawl(
    start: Url,
    concurrency: usize,
    parse: fn(&Url, &str) -> Page,
) -> anyhow::Result<usize> {
    let client = Client::builder().no_proxy().build()?;
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = VecDeque::from([start]);
    let mut in_flight = JoinSet::new();
    let mut titles = 0;
    loop {
        while in_flight.len() < concurrency
            && let Some(url) = waiting.pop_front()
        {
            in_flight.spawn(fetch(client.clone(), url, parse));
        }
        let Some(page) = in_flight.join_next().await else { return Ok(titles) };
        let (title, links) = page??;
        titles += usize::from(title.is_some());
        waiting.extend(links.into_iter().filter(|link| seen.insert(link.clone())));
    }
}

async fn fetch(
    client: Client,
    url: Url,
    parse: fn(&Url, &str) -> Page,
) -> reqwest::Result<Page> {
    let response = client.get(url.clone()).send().await?.error_for_status()?;
    Ok(parse(&url, &response.text().await?))
}

pub(crate) fn parse(url: &Url, html: &str) -> Page {
    let page = Html::parse_document(html);
    let title = page.select(&TITLE).next().map(|title| title.text().collect());
    let links = page.select(&LINK).filter_map(|link| url.join(link.attr("href")?).ok());
    (title, links.filter(|link| link.origin() == url.origin()).collect())
}
