//! A bulk download returns one result per URL, and a slow host delays no other host.
//!
//! asyncio: `tqdm` around `as_completed`. One window over the whole list fills with URLs of the
//! slowest host. So each host has its own window, and the slots of the [`Fetcher`] limit them all.
//! `keep` reduces each body as soon as it has arrived, so that memory never holds more bodies than
//! there are slots.
#![cfg(not(target_family = "wasm"))]

use std::{collections::BTreeMap, num::NonZeroUsize};

use async_kit::{Lane, Millis, RetryError, ask, knob, lab::Lab, say};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Url;

use crate::{
    fetch_error::FetchError,
    fetcher::{Fetcher, host_of},
    fetcher_config::Config,
};

pub(crate) fn knobs() -> [usize; 2] {
    let knobs = [knob("at-once", 5, 3..=20), knob("per-host", 3, 1..=3)];
    ask("per-host=1", "which URLs wait until /stall has failed?");
    knobs
}

/// A hundred URLs of one host; then ten URLs of two hosts: some are slow, two fail at first, and four
/// fail at every attempt.
pub(crate) async fn run([at_once, per_host]: [usize; 2]) -> anyhow::Result<()> {
    let config = Config {
        at_once: at_once.try_into()?,
        at_once_per_host: per_host.try_into()?,
        idle_per_host: 1,
        connect_timeout: 300.ms(),
        read_timeout: 300.ms(),
        retry_delay: 50.ms(),
        max_body: 1_000_000,
        ..Config::default()
    };
    let one = Lab::start().await?;
    let bodies = ten_at_a_time(hundred(&one)?).await?;
    say!("one host, {} bodies: {}", bodies.len(), one.stats());
    let (a, b) = (Lab::start().await?, Lab::start().await?);
    let urls = urls(&a, &b)?;
    let bar = ProgressBar::new(urls.len() as u64).with_style(style()?);
    let results = fetch_all(&Fetcher::new(config)?, &urls, &bar, |body| body.len()).await;
    bar.finish_and_clear();
    report(&urls, &results);
    say!("host a: {}", a.stats());
    say!("host b: {}", b.stats());
    Ok(())
}

/// The number of milliseconds that each answer takes is also its content.
fn hundred(host: &Lab) -> anyhow::Result<Vec<Url>> {
    let urls = (1..=100).map(|ms| host.url(&format!("/delay/{ms}")).parse());
    Ok(urls.collect::<Result<_, _>>()?)
}

fn urls(a: &Lab, b: &Lab) -> anyhow::Result<Vec<Url>> {
    let of_a = ["/stall", "/delay/60", "/flaky/a?fail=2", "/delay/90", "/reset"];
    let of_b = [
        "/users/1",
        "/status/404",
        "/flaky/b?fail=1&retry_after=1",
        "/bytes/5000000",
        "/users/2",
    ];
    let urls =
        of_a.map(|path| a.url(path)).into_iter().chain(of_b.map(|path| b.url(path)));
    Ok(urls.map(|url| url.parse()).collect::<Result<_, _>>()?)
}

// ANCHOR: ten_at_a_time
/// The bodies in the order of the list; the first error ends all requests. One client makes one
/// connection for each request that runs at the same time, and uses it again for the next.
async fn ten_at_a_time(urls: Vec<Url>) -> anyhow::Result<Vec<Vec<u8>>> {
    let ten = NonZeroUsize::MIN.saturating_add(9);
    let config = Config { at_once_per_host: ten, idle_per_host: 10, ..Config::default() };
    let fetcher = &Fetcher::new(config)?;
    let fetch = |url| async move { fetcher.bytes(&url).await };
    Ok(stream::iter(urls).map(fetch).buffered(10).try_collect().await?)
}
// ANCHOR_END: ten_at_a_time

// ANCHOR: bulk
type Fetched<T> = Result<T, RetryError<FetchError>>;

/// What `keep` made of each body, in the order of the list.
async fn fetch_all<T: Send>(
    fetcher: &Fetcher,
    urls: &[Url],
    bar: &ProgressBar,
    keep: fn(Vec<u8>) -> T,
) -> Vec<Fetched<T>> {
    let per_host = fetcher.config().at_once_per_host.get();
    let hosts = by_host(urls).into_values().map(|urls| {
        let fetched = urls.into_iter().map(|(n, url)| {
            let kept = async move { fetcher.bytes(url).await.map(keep) };
            let counted = kept.inspect(|_| bar.inc(1)).try_lane(url.path());
            counted.map(move |result| (n, result))
        });
        stream::iter(fetched.collect::<Vec<_>>()).buffer_unordered(per_host)
    });
    let hosts: Vec<_> = hosts.collect();
    let mut fetched: Vec<_> = stream::iter(hosts).flatten_unordered(None).collect().await;
    fetched.sort_by_key(|(n, _)| *n);
    fetched.into_iter().map(|(_, result)| result).collect()
}

fn by_host(urls: &[Url]) -> BTreeMap<String, Vec<(usize, &Url)>> {
    let mut hosts = BTreeMap::<_, Vec<_>>::new();
    for (n, url) in urls.iter().enumerate() {
        hosts.entry(host_of(url)).or_default().push((n, url));
    }
    hosts
}

fn style() -> anyhow::Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} to go")?)
}
// ANCHOR_END: bulk

fn report(urls: &[Url], results: &[Fetched<usize>]) {
    for (url, result) in urls.iter().zip(results) {
        if let Err(error) = result {
            let cause =
                error.last().map_or_else(|| error.to_string(), ToString::to_string);
            say!("{}: {cause}, attempts: {}", url.path(), error.attempts());
        }
    }
    let good = results.iter().flatten();
    let bytes: usize = good.clone().sum();
    say!("{} of {} fetched, {bytes} bytes", good.count(), urls.len());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_kit::TimeLimit;

    use super::*;

    fn config() -> Config {
        Config { retry_delay: Duration::ZERO, ..Config::default() }
    }

    async fn fetched(
        config: Config,
        paths: &[&str],
    ) -> (Lab, ProgressBar, Vec<Fetched<Vec<u8>>>) {
        let lab = Lab::start().await.expect("a free port");
        let urls: Vec<_> =
            paths.iter().map(|path| lab.url(path).parse().unwrap()).collect();
        let bar = ProgressBar::hidden();
        bar.set_length(urls.len() as u64);
        let results =
            fetch_all(&Fetcher::new(config).unwrap(), &urls, &bar, |body| body).await;
        (lab, bar, results)
    }

    #[tokio::test]
    async fn every_url_has_a_result_at_its_position_and_the_bar_reaches_its_end() {
        let paths = ["/delay/20", "/status/404", "/flaky/a?fail=2", "/reset", "/users/1"];
        let (_lab, bar, results) = fetched(config(), &paths).await;
        let good: Vec<_> = results.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true, false, true], "{results:?}");
        assert_eq!((bar.position(), bar.length()), (5, Some(5)));
    }

    #[tokio::test]
    async fn a_hundred_bodies_arrive_in_order_over_ten_connections() {
        let lab = Lab::start().await.expect("a free port");
        let bodies = ten_at_a_time(hundred(&lab).expect("valid")).await.expect("bodies");
        for (n, body) in bodies.iter().enumerate() {
            let expected = format!("{{\"delay_ms\":{}}}", n + 1);
            assert_eq!(String::from_utf8_lossy(body), expected);
        }
        let seen = lab.stats();
        let seen = (seen.requests, seen.peak_in_flight, seen.connections);
        assert_eq!(seen, (100, 10, 10), "requests, concurrent, connections");
    }

    /// The stalled requests come first in the list, and there are more of them than slots.
    #[tokio::test]
    async fn a_host_that_stalls_delays_no_other() {
        let (slow, quick) = (Lab::start().await.unwrap(), Lab::start().await.unwrap());
        let stalled = (0..20).map(|_| slow.url("/stall"));
        let urls = stalled.chain((0..20).map(|_| quick.url("/json")));
        let urls: Vec<_> = urls.map(|url| url.parse().unwrap()).collect();
        let bar = ProgressBar::hidden();
        let fetcher = Fetcher::new(config()).unwrap();
        let all_quick =
            quick.wait_until(|seen| seen.requests == 20 && seen.in_flight == 0);
        tokio::select! {
            _ = fetch_all(&fetcher, &urls, &bar, |body| body.len()) => panic!("the stalled requests ended"),
            seen = all_quick.within(30.secs()) => {
                assert!(seen.is_ok(), "the quick host has only {}", quick.stats());
            }
        }
        assert!(slow.stats().peak_in_flight <= 4, "{}", slow.stats());
    }
}
