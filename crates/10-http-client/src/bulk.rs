//! A bulk download reports every address once, shows how far it is, and asks nobody too often.
//!
//! asyncio: `tqdm` around `as_completed`, and a class with eleven settings of which some do nothing.
//! Here the [`Fetcher`] does what it is told, and the bar counts an address as done when it has a
//! result, good or bad. Results come in the order of the list; no more bodies than `at_once` are held.

use async_kit::{Lane, Millis, RetryError, knob, lab::Lab, say};
use futures::{FutureExt, StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Url;

use crate::{config::Config, fetch_error::FetchError, fetcher::Fetcher};

/// Fourteen addresses of two hosts: some late, two in trouble that passes, four that stay bad.
pub(crate) async fn run() -> anyhow::Result<()> {
    let config = Config {
        at_once: knob("at_once", 5_usize, 3..=20).try_into()?,
        at_once_per_host: knob("per_host", 3_usize, 1..=3).try_into()?,
        idle_per_host: 1,
        read_timeout: 300.ms(),
        retry_delay: 50.ms(),
        max_body: 1_000_000,
        ..Config::default()
    };
    let (a, b) = (Lab::start().await?, Lab::start().await?);
    let urls = addresses(&a, &b)?;
    let bar = ProgressBar::new(urls.len() as u64).with_style(style()?);
    let results = fetch_all(&Fetcher::new(config)?, &urls, &bar).await;
    bar.finish_and_clear();
    tell(&urls, &results);
    say!("one host {}; the other {}", a.stats(), b.stats());
    Ok(())
}

fn addresses(a: &Lab, b: &Lab) -> anyhow::Result<Vec<Url>> {
    let of_a = ["/delay/60", "/delay/90", "/flaky/a?fail=2", "/delay/70", "/status/404"];
    let of_a = of_a.iter().chain(&["/delay/80", "/bytes/5000000"]);
    let of_b =
        ["/users/1", "/users/2", "/flaky/b?fail=1", "/stall", "/users/3", "/reset"];
    let urls = of_a.map(|path| a.url(path)).chain(of_b.iter().map(|path| b.url(path)));
    Ok(urls.map(|url| url.parse()).collect::<Result<_, _>>()?)
}

// ANCHOR: bulk
type Fetched = Result<Vec<u8>, RetryError<FetchError>>;

async fn fetch_all(fetcher: &Fetcher, urls: &[Url], bar: &ProgressBar) -> Vec<Fetched> {
    let fetched = urls.iter().map(|url| {
        // Counted when it is there, although it is handed out when it is its turn.
        fetcher.bytes(url).inspect(|_| bar.inc(1)).try_lane(url.path())
    });
    let fetched: Vec<_> = fetched.collect();
    stream::iter(fetched).buffered(fetcher.config().at_once.get()).collect().await
}

fn style() -> anyhow::Result<ProgressStyle> {
    Ok(ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} to go")?)
}
// ANCHOR_END: bulk

fn tell(urls: &[Url], results: &[Fetched]) {
    for (url, result) in urls.iter().zip(results) {
        if let Err(error) = result {
            let cause =
                error.last().map_or_else(|| error.to_string(), ToString::to_string);
            say!("{}: {cause}, attempts: {}", url.path(), error.attempts());
        }
    }
    let good = results.iter().flatten();
    let bytes: usize = good.clone().map(Vec::len).sum();
    say!("{} of {} fetched, {bytes} bytes", good.count(), urls.len());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn config() -> Config {
        Config { retry_delay: Duration::ZERO, ..Config::default() }
    }

    async fn fetched(config: Config, paths: &[&str]) -> (Lab, ProgressBar, Vec<Fetched>) {
        let lab = Lab::start().await.expect("a free port");
        let urls: Vec<_> =
            paths.iter().map(|path| lab.url(path).parse().unwrap()).collect();
        let bar = ProgressBar::hidden();
        bar.set_length(urls.len() as u64);
        let results = fetch_all(&Fetcher::new(config).unwrap(), &urls, &bar).await;
        (lab, bar, results)
    }

    #[tokio::test]
    async fn every_address_has_a_result_in_its_place_and_the_bar_ends_at_the_end() {
        let paths = ["/delay/20", "/status/404", "/flaky/a?fail=2", "/reset", "/users/1"];
        let (_lab, bar, results) = fetched(config(), &paths).await;
        let good: Vec<_> = results.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true, false, true], "{results:?}");
        assert_eq!((bar.position(), bar.length()), (5, Some(5)));
    }

    #[tokio::test]
    async fn a_hundred_pages_ten_at_once_are_a_hundred_bodies_in_order() {
        let ids: Vec<_> = (0..100).map(|n| format!("/users/{}", n % 95 + 1)).collect();
        let paths: Vec<_> = ids.iter().map(String::as_str).collect();
        let wide = Config { at_once_per_host: 10.try_into().unwrap(), ..config() };
        let (lab, _, results) = fetched(wide, &paths).await;
        for (n, result) in results.iter().enumerate() {
            let body = String::from_utf8_lossy(result.as_ref().expect("a user"));
            assert!(
                body.starts_with(&format!("{{\"id\":{},", n % 95 + 1)),
                "{n}: {body}"
            );
        }
        let seen = lab.stats();
        assert!(seen.requests == 100 && seen.peak_in_flight <= 10, "{seen}");
    }

    #[tokio::test]
    async fn the_story_names_every_failure_and_its_attempts() {
        let (_lab, _, results) = fetched(config(), &["/status/503", "/status/410"]).await;
        let attempts =
            results.iter().map(|result| result.as_ref().unwrap_err().attempts());
        assert_eq!(attempts.collect::<Vec<_>>(), [3, 1]);
    }
}
