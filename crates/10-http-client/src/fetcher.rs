//! A fetcher is ready when it is made, needs no closing, and applies every setting it was given.
//!
//! asyncio: a class with `setup` or `__aenter__`, which must not be forgotten, must run inside the
//! loop, and must be closed. Tokio: `new` returns a client that works; it may be made anywhere,
//! is cheap to clone, and closes its connections when the last clone is dropped.

use std::sync::Arc;

use async_kit::{Backoff, Jitter, Lane, Retry, RetryError, TimeLimit};
use reqwest::{Client, Proxy, Response, Url};
use serde::de::DeserializeOwned;

use crate::{
    body,
    config::{Config, ConfigError},
    fetch_error::FetchError,
    lookups::{Remembers, System},
    names::Lookup,
    slots::Slots,
};

// ANCHOR: fetcher
/// Fetches pages and JSON as its [`Config`] says. A clone shares places and connections.
#[derive(Clone)]
pub(crate) struct Fetcher {
    client: Client,
    slots: Arc<Slots>,
    config: Arc<Config>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("no client can be made of these settings")]
    Client(#[from] reqwest::Error),
}

impl Fetcher {
    pub(crate) fn new(config: Config) -> Result<Self, SetupError> {
        Self::with_names(config, System)
    }

    /// The same, with somebody else to look up names.
    pub(crate) fn with_names(
        config: Config,
        names: impl Lookup,
    ) -> Result<Self, SetupError> {
        config.validate()?;
        let client = Client::builder()
            .pool_max_idle_per_host(config.idle_per_host)
            .connect_timeout(config.connect_timeout)
            .read_timeout(config.read_timeout)
            .dns_resolver(Remembers::new(config.dns_ttl, names))
            .user_agent(&config.user_agent);
        let client = match &config.proxy {
            Some(proxy) => client.proxy(Proxy::all(proxy)?),
            None => client.no_proxy(),
        };
        let slots = Arc::new(Slots::new(config.at_once, config.at_once_per_host));
        Ok(Self { client: client.build()?, slots, config: Arc::new(config) })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The body of an answer that says it is one: any other status is an error.
    pub(crate) async fn bytes(
        &self,
        url: &Url,
    ) -> Result<Vec<u8>, RetryError<FetchError>> {
        self.retry().run(|| self.attempt(url)).await
    }

    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        url: &Url,
    ) -> Result<T, RetryError<FetchError>> {
        let attempt = async || Ok(serde_json::from_slice(&self.attempt(url).await?)?);
        self.retry().run(attempt).await
    }

    fn retry(&self) -> Retry<'static, FetchError> {
        Retry::new(Backoff::exponential(self.config.retry_delay).jitter(Jitter::Full))
            .attempts(self.config.attempts.get())
            .total(self.config.retry_timeout)
            .when(FetchError::is_transient)
            .retry_after(FetchError::retry_after)
    }

    /// A place is held from before the connection until after the last byte, and not during the
    /// wait for another attempt.
    async fn attempt(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let host = host_of(url);
        let slot = self.slots.acquire(&host).within(self.config.slot_timeout);
        let _slot = slot.await.map_err(FetchError::Slot)?;
        let answer = self.ask(url).within(self.config.total_timeout);
        answer.step("asking").await.map_err(FetchError::Total)?
    }

    async fn ask(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let answer = self.client.get(url.clone()).send().await?;
        let refused = refusal(&answer);
        // Also the body of a refusal is read: left behind, it would cost the connection.
        let body = body::read(answer, self.config.max_body).await;
        match refused {
            Some(refused) => Err(refused),
            None => body,
        }
    }
}

fn refusal(answer: &Response) -> Option<FetchError> {
    (!answer.status().is_success()).then(|| FetchError::status(answer))
}

/// Two ports of one machine are two hosts, as they are to a browser.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}
// ANCHOR_END: fetcher

#[cfg(test)]
mod tests;
