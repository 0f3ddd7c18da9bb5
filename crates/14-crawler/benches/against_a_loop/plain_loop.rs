//! Forty lines of `reqwest` and `scraper` crawl a site, as long as nothing goes wrong.

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

/// What a page says: its title and its links.
pub(crate) type Page = (Option<String>, Vec<Url>);

/// Crawls what `start` leads to on its site; `read` is given each page. Returns how many titles
/// there were.
pub(crate) async fn crawl(
    start: Url,
    at_once: usize,
    read: fn(&Url, &str) -> Page,
) -> anyhow::Result<usize> {
    let client = Client::builder().no_proxy().build()?;
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = VecDeque::from([start]);
    let mut under_way = JoinSet::new();
    let mut titles = 0;
    loop {
        while under_way.len() < at_once
            && let Some(url) = waiting.pop_front()
        {
            under_way.spawn(fetch(client.clone(), url, read));
        }
        let Some(page) = under_way.join_next().await else { return Ok(titles) };
        let (title, links) = page??;
        titles += usize::from(title.is_some());
        waiting.extend(links.into_iter().filter(|link| seen.insert(link.clone())));
    }
}

async fn fetch(
    client: Client,
    url: Url,
    read: fn(&Url, &str) -> Page,
) -> reqwest::Result<Page> {
    let answer = client.get(url.clone()).send().await?.error_for_status()?;
    Ok(read(&url, &answer.text().await?))
}

pub(crate) fn parse(url: &Url, html: &str) -> Page {
    let page = Html::parse_document(html);
    let title = page.select(&TITLE).next().map(|title| title.text().collect());
    let links = page.select(&LINK).filter_map(|link| url.join(link.attr("href")?).ok());
    (title, links.filter(|link| link.origin() == url.origin()).collect())
}
