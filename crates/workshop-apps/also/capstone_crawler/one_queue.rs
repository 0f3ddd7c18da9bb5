//! One queue and one set of requests in flight; the next depth begins when this set is empty.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    future::pending,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use async_kit::{Lane, Millis, exercise, lab::Lab, say};
use futures::{StreamExt, stream::FuturesUnordered};
use reqwest::{Client, Url, redirect::Policy};
use tokio::time::{sleep, timeout};

#[derive(Debug, Default)]
struct Report {
    pages: BTreeSet<String>,
    failed: BTreeMap<String, String>,
}

#[derive(Clone, Copy)]
struct Limits {
    depth: usize,
    in_flight: usize,
    timeout: Duration,
}

async fn crawl(web: &Web, start: &str, limits: Limits) -> Report {
    let mut report = Report::default();
    let mut seen = HashSet::from([start.to_owned()]);
    let mut waiting = VecDeque::from([(start.to_owned(), 0)]);
    let (mut level, mut requests) = (0, FuturesUnordered::new());
    loop {
        while requests.len() < limits.in_flight
            && waiting.front().is_some_and(|(_, depth)| *depth == level)
        {
            let (address, _) = waiting.pop_front().expect("it has a front");
            if web.allows(&address) {
                requests.push(request(web.clone(), address, limits.timeout));
            }
        }
        let Some((address, response)) = requests.next().await else {
            if waiting.is_empty() {
                return report;
            }
            level += 1;
            continue;
        };
        match response {
            Ok(links) => {
                report.pages.insert(address);
                for link in links {
                    if level < limits.depth && seen.insert(link.clone()) {
                        waiting.push_back((link, level + 1));
                    }
                }
            }
            Err(why) => {
                report.failed.insert(address, why);
            }
        }
    }
}

async fn request(
    web: Web,
    address: String,
    limit: Duration,
) -> (String, Result<Vec<String>, String>) {
    let response = match timeout(limit, web.links(&address)).await {
        Ok(links) => links.map_err(|error| error.to_string()),
        Err(_) => Err("timed out".to_owned()),
    };
    (address, response)
}

// The code below is given. Do not change it.

const LIMITS: Limits =
    Limits { depth: 3, in_flight: 3, timeout: Duration::from_millis(1000) };

#[derive(Clone)]
enum Web {
    Fake,
    Lab(Client, Url),
}

impl Web {
    fn new(lab: &Lab) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).build()?;
        Ok(Self::Lab(client, Url::parse(&lab.url("/"))?))
    }

    fn allows(&self, address: &str) -> bool {
        !address.starts_with("/private/")
    }

    /// Requests a page, and returns the addresses on the same site that it links to.
    async fn links(&self, address: &str) -> anyhow::Result<Vec<String>> {
        let response = async {
            say!("is requested");
            match self {
                Self::Fake => fake(address).await,
                Self::Lab(client, base) => over_http(client, &base.join(address)?).await,
            }
        };
        response.step("request").try_lane(address).await
    }
}

/// A page of the fake site: waits for its latency, and returns its links.
async fn fake(address: &str) -> anyhow::Result<Vec<String>> {
    let (latency, links) = match address {
        "/book" => (10, "/book/1 /book/2"),
        "/book/1" => (10, "/book /private/notes /book/2 /book/end"),
        "/book/2" => (20, "/book/1 /book/end"),
        "/island" => (10, "/slow /fast"),
        "/slow" => (100, "/cave"),
        "/fast" => (10, "/faster /fast"),
        "/faster" => (10, "/cave"),
        "/cave" => (10, "/treasure"),
        "/list" => {
            (20, "/list/1 /list/2 /list/3 /list/4 /list/5 /list/6 /list/7 /list/8")
        }
        "/list/1" => (200, ""),
        "/trouble" => (10, "/gone /stalls /broken /works"),
        "/gone" => bail!("404 Not Found"),
        "/broken" => bail!("500 Internal Server Error"),
        "/stalls" => pending().await,
        _ => (50, ""),
    };
    sleep(latency.ms()).await;
    let day = address.strip_prefix("/day/").and_then(|day| day.parse::<u32>().ok());
    // It ends after a hundred days, so that a crawl without a limit is refused soon.
    let next_day = day.filter(|day| *day < 100).map(|day| format!("/day/{}", day + 1));
    Ok(links.split_whitespace().map(str::to_owned).chain(next_day).collect())
}

async fn over_http(client: &Client, page: &Url) -> anyhow::Result<Vec<String>> {
    let response = client.get(page.clone()).send().await?;
    let status = response.status();
    let header =
        |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let hrefs = if status.is_redirection() {
        vec![header("location").context("a redirect has a target")?.to_owned()]
    } else {
        ensure!(status.is_success(), "{status}");
        let is_html =
            header("content-type").is_some_and(|it| it.starts_with("text/html"));
        let text = if is_html { response.text().await? } else { String::new() };
        let links =
            text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        links.map(str::to_owned).collect()
    };
    let links = hrefs.iter().filter_map(|href| page.join(href).ok());
    let here = links.filter(|link| link.origin() == page.origin());
    Ok(here.map(|link| link.path().to_owned()).collect())
}

async fn crawl_lab() -> (Report, Vec<u64>) {
    let lab = Lab::start().await.expect("a lab");
    let web = Web::new(&lab).expect("a client");
    let limits = Limits { depth: 29, timeout: 10.secs(), ..LIMITS };
    let report = crawl(&web, "/site/30/", limits).await;
    let pages = (1..30).map(|page| format!("/site/30/page/{page}"));
    let requests = pages.map(|page| lab.requests_to(&page)).collect();
    (report, requests)
}

async fn crawl_fake(start: &str, limits: Limits) -> Report {
    crawl(&Web::Fake, start, limits).await
}

fn main() {
    exercise::show(crawl_fake("/island", LIMITS));
    exercise::show_in_real_time(async { crawl_lab().await.0 });
}
