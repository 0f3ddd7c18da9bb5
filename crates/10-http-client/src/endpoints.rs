//! Each endpoint returns a typed value, and an answer that is not JSON fails only its own result.
//!
//! asyncio: `await response.json()` after a `gather` of the answers reads them one by one; the first
//! answer in HTML raises, and the others stay open. Here each future returns a typed value or an
//! error. In both cases it has released its slot and its connection.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, Millis, RetryError, lab::Lab, say};
use futures::future::join_all;
use reqwest::Url;
use serde::Deserialize;

use crate::{fetch_error::FetchError, fetcher::Fetcher, fetcher_config::Config};

/// Two users, a page in HTML, and a user that does not exist.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fetcher = Fetcher::new(Config { retry_delay: 50.ms(), ..Config::default() })?;
    let lab = Lab::start().await?;
    let paths = ["/users/1", "/html", "/users/96", "/users/2"];
    let urls = paths.map(|path| lab.url(path));
    for (path, user) in paths.iter().zip(users(&fetcher, &urls).await?) {
        match user {
            Ok(User { id, name }) => say!("{path}: {id} is {name}"),
            Err(error) => say!("{path}: {:#}", anyhow::Error::from(error)),
        }
    }
    Ok(())
}

// ANCHOR: endpoints
#[derive(Debug, Deserialize, PartialEq)]
struct User {
    id: u64,
    name: String,
}

async fn users(
    fetcher: &Fetcher,
    urls: &[String],
) -> anyhow::Result<Vec<Result<User, RetryError<FetchError>>>> {
    let urls: Vec<Url> = urls.iter().map(|url| url.parse()).collect::<Result<_, _>>()?;
    let users = urls.iter().map(|url| fetcher.json(url).try_lane(url.path()));
    Ok(join_all(users).await)
}
// ANCHOR_END: endpoints

#[cfg(test)]
mod tests {
    use super::*;

    fn fetcher(at_once: usize) -> Fetcher {
        let at_once = at_once.try_into().unwrap();
        let config = Config {
            at_once,
            at_once_per_host: at_once,
            idle_per_host: 1,
            retry_delay: 0.ms(),
            ..Config::default()
        };
        Fetcher::new(config).expect("valid settings")
    }

    async fn fetched(
        lab: &Lab,
        at_once: usize,
        paths: &[&str],
    ) -> Vec<Result<User, String>> {
        let urls: Vec<_> = paths.iter().map(|path| lab.url(path)).collect();
        let users = users(&fetcher(at_once), &urls).await.expect("four URLs");
        let text = |error: RetryError<FetchError>| error.into_last().unwrap().to_string();
        users.into_iter().map(|user| user.map_err(text)).collect()
    }

    #[tokio::test]
    async fn results_are_in_list_order_and_a_bad_answer_fails_only_its_own() {
        let lab = Lab::start().await.expect("a free port");
        let users =
            fetched(&lab, 4, &["/users/1", "/html", "/status/500", "/users/2"]).await;
        let user = |id| Ok(User { id, name: format!("User {id}") });
        let error = |text: &str| Err(text.to_owned());
        let expected = [
            user(1),
            error("not the JSON that was expected"),
            error("status 500 Internal Server Error"),
            user(2),
        ];
        assert_eq!(users, expected);
    }

    #[tokio::test]
    async fn an_answer_in_html_is_not_requested_again() {
        let lab = Lab::start().await.expect("a free port");
        fetched(&lab, 4, &["/html", "/json"]).await;
        assert_eq!(lab.stats().requests, 2, "{}", lab.stats());
    }

    #[tokio::test]
    async fn a_bad_answer_releases_its_slot_and_its_connection() {
        let lab = Lab::start().await.expect("a free port");
        let users =
            fetched(&lab, 1, &["/html", "/status/404", "/html", "/users/3"]).await;
        assert!(users[3].is_ok(), "{users:?}");
        assert_eq!(lab.stats().connections, 1, "{}", lab.stats());
    }
}
