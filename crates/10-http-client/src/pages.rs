//! Each page has its own result, in the order of the list, and its future also reads the body.
//!
//! asyncio: `gather` of `session.get` returns when the headers have arrived; the bodies are then
//! read one by one, and the first error loses every page. Here the future of a page ends with the
//! last byte, and returns a `Result`. `buffered(n)` runs at most `n` futures and returns their
//! results in order: it is `gather(return_exceptions=True)` with a limit. All bodies stay in
//! memory; `bulk` keeps none.
#![cfg(not(target_family = "wasm"))]

use std::num::NonZeroUsize;

use async_kit::{
    Lane, ask, knob,
    lab::{ClosedPort, Lab},
    say,
};
use futures::{StreamExt, stream};
use reqwest::Client;

pub(crate) fn knobs() -> usize {
    let at_once = knob("at-once", 3, 1..=10);
    ask("at-once=1", "when does the last page arrive?");
    at_once
}

/// Seven pages, of which three fail for different reasons.
pub(crate) async fn run(at_once: usize) -> anyhow::Result<()> {
    let at_once = at_once.try_into()?;
    let (lab, closed) = (Lab::start().await?, ClosedPort::bind()?);
    let client = Client::builder().no_proxy().build()?;
    let urls = ["/html", "/status/404", "/delay/150", "/drip?chunks=4&every=40"];
    let mut urls = urls.map(|path| lab.url(path)).to_vec();
    urls.extend([closed.url("/gone"), lab.url("/reset"), lab.url("/delay/50")]);

    let pages = fetch_all(&client, &urls, at_once).await;
    for (url, page) in urls.iter().zip(&pages) {
        match page {
            Ok(text) => say!("{}: {} bytes", path(url), text.len()),
            Err(error) => say!("{}: {}", path(url), why(error)),
        }
    }
    say!("{}", lab.stats());
    Ok(())
}

// ANCHOR: pages
async fn fetch_all(
    client: &Client,
    urls: &[String],
    at_once: NonZeroUsize,
) -> Vec<reqwest::Result<String>> {
    let pages =
        urls.iter().map(|url| fetch(client, url).step("fetching").try_lane(path(url)));
    // The futures are built before the stream, and none of them has started. With a closure in the
    // stream, the compiler could not prove that the whole future is `Send`.
    let pages: Vec<_> = pages.collect();
    stream::iter(pages).buffered(at_once.get()).collect().await
}

async fn fetch(client: &Client, url: &str) -> reqwest::Result<String> {
    let answer = client.get(url).send().await?.error_for_status()?;
    answer.text().await
}
// ANCHOR_END: pages

/// The path of a URL, without host and query.
fn path(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let path = rest.find('/').map_or(rest, |slash| &rest[slash..]);
    path.split('?').next().unwrap_or(path)
}

fn why(error: &reqwest::Error) -> String {
    match error.status() {
        Some(status) => status.to_string(),
        None if error.is_connect() => "no connection".to_owned(),
        None => "the connection broke".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fetched(
        lab: &Lab,
        paths: &[&str],
        at_once: usize,
    ) -> Vec<reqwest::Result<String>> {
        let client = Client::builder().no_proxy().build().expect("a client");
        let urls: Vec<_> = paths.iter().map(|path| lab.url(path)).collect();
        fetch_all(&client, &urls, at_once.try_into().unwrap()).await
    }

    #[tokio::test]
    async fn the_results_are_in_the_order_of_the_list_and_not_of_arrival() {
        let lab = Lab::start().await.expect("a free port");
        let paths = ["/delay/40", "/delay/20", "/delay/0", "/delay/1"];
        for at_once in [1, 3, 10] {
            let pages = fetched(&lab, &paths, at_once).await;
            for (path, page) in paths.iter().zip(pages) {
                let ms = path.trim_start_matches("/delay/");
                assert_eq!(page.expect(path), format!("{{\"delay_ms\":{ms}}}"));
            }
        }
    }

    #[tokio::test]
    async fn a_failed_page_loses_only_its_own_result() {
        let lab = Lab::start().await.expect("a free port");
        let paths = ["/html", "/status/404", "/json", "/reset", "/status/500", "/xml"];
        let pages = fetched(&lab, &paths, 10).await;
        let good: Vec<_> = pages.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true, false, false, true]);
        assert_eq!(pages[1].as_ref().unwrap_err().status().unwrap(), 404);
    }

    #[tokio::test]
    async fn a_refused_connection_loses_only_its_own_result() {
        let lab = Lab::start().await.expect("a free port");
        let closed = ClosedPort::bind().expect("a free port");
        let client = Client::builder().no_proxy().build().expect("a client");
        let urls = [lab.url("/html"), closed.url("/"), lab.url("/xml")];
        let pages = fetch_all(&client, &urls, 10.try_into().unwrap()).await;
        assert!(pages[0].is_ok() && pages[2].is_ok());
        assert!(
            pages[1].as_ref().is_err_and(reqwest::Error::is_connect),
            "{:?}",
            pages[1]
        );
    }

    #[tokio::test]
    async fn sixty_pages_ten_at_a_time_reuse_connections() {
        let lab = Lab::start().await.expect("a free port");
        let pages = fetched(&lab, &["/delay/1"; 60], 10).await;
        assert!(pages.iter().all(Result::is_ok));
        let seen = lab.stats();
        assert!(seen.requests == 60 && seen.peak_in_flight <= 10, "{seen}");
        // A request that finds no idle connection opens one, and may then use another that became
        // idle first. So there can be more than ten connections.
        assert!(seen.connections <= 20, "{seen}");
    }

    #[tokio::test]
    async fn a_failed_page_leaves_no_request_in_flight() {
        let lab = Lab::start().await.expect("a free port");
        fetched(&lab, &["/reset", "/status/404", "/html", "/reset"], 2).await;
        let idle = lab.wait_until(|seen| seen.in_flight == 0);
        let seen = tokio::time::timeout(std::time::Duration::from_secs(30), idle).await;
        assert_eq!(seen.expect("in time").requests, 4);
    }
}
