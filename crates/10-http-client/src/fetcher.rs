//! A fetcher applies every setting, and needs no setup and no close. Used by `endpoints`, `bulk`
//! and `site`.
//!
//! asyncio: a class with `setup` or `__aenter__`, which must be called, must run inside the loop,
//! and must be closed. Tokio: `new` returns a client that works. It can be called outside a
//! runtime, a clone is cheap, and the connections close when the last clone is dropped.
#![cfg(not(target_family = "wasm"))]

use std::sync::Arc;

use async_kit::{Backoff, Jitter, Lane, Retry, RetryError, TimeLimit};
use reqwest::{Client, Proxy, Response, Url};
use serde::de::DeserializeOwned;

use crate::{
    bounded_body,
    fetch_error::FetchError,
    fetcher_config::{Config, ConfigError},
    name_cache::Lookup,
    request_slots::Slots,
    resolver::{CachingResolver, SystemLookup},
};

// ANCHOR: fetcher
/// Fetches pages and JSON under the limits of its [`Config`]. Clones share slots and connections.
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
    /// The error of reqwest may repeat the address, with its password.
    #[error("the proxy has no address such as http://proxy.example:3128")]
    Proxy,
    #[error("cannot build a client with these settings")]
    Client(#[from] reqwest::Error),
}

impl Fetcher {
    pub(crate) fn new(config: Config) -> Result<Self, SetupError> {
        Self::with_lookup(config, SystemLookup)
    }

    /// Like [`new`](Self::new), but names are resolved by `lookup`.
    pub(crate) fn with_lookup(
        config: Config,
        lookup: impl Lookup,
    ) -> Result<Self, SetupError> {
        config.validate()?;
        let client = Client::builder()
            .pool_max_idle_per_host(config.idle_per_host)
            .connect_timeout(config.connect_timeout)
            .read_timeout(config.read_timeout)
            .dns_resolver(CachingResolver::new(config.dns_ttl, lookup))
            .user_agent(&config.user_agent);
        let client = match &config.proxy {
            Some(proxy) => {
                client.proxy(Proxy::all(proxy).map_err(|_| SetupError::Proxy)?)
            }
            None => client.no_proxy(),
        };
        let slots = Arc::new(Slots::new(config.at_once, config.at_once_per_host));
        Ok(Self { client: client.build()?, slots, config: Arc::new(config) })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The body of an answer with status 2xx; any other status is an error.
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

    /// Holds a slot from before the connection until the last byte. Between two attempts it holds
    /// none.
    async fn attempt(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let host = host_of(url);
        let slot = self.slots.acquire(&host).within(self.config.slot_timeout);
        let _slot = slot.await.map_err(FetchError::Slot)?;
        let body = self.get(url).within(self.config.total_timeout);
        body.step("in flight").await.map_err(FetchError::Total)?
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let answer = self.client.get(url.clone()).send().await?;
        let status_error = status_error(&answer);
        // The body is read even if the status is an error: a connection with an unread body
        // cannot be reused.
        let body = bounded_body::read(answer, self.config.max_body).await;
        match status_error {
            Some(error) => Err(error),
            None => body,
        }
    }
}

fn status_error(answer: &Response) -> Option<FetchError> {
    (!answer.status().is_success()).then(|| FetchError::status(answer))
}

/// Host and port: two ports of one machine have separate limits.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}
// ANCHOR_END: fetcher

#[cfg(test)]
mod tests;
