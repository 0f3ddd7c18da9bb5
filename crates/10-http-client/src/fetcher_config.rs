//! The settings of a fetcher, and their checks. Used by `config` and every section with a fetcher.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use async_kit::Millis;
use serde::{Deserialize, Deserializer, de::Error as _};

// ANCHOR: config
/// How a [`Fetcher`](crate::fetcher::Fetcher) behaves. In a file, times are seconds: `0.5`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The maximum number of requests in flight at the same time, over all hosts.
    pub(crate) at_once: NonZeroUsize,
    /// The maximum number of requests in flight at the same time to one host and port, not more
    /// than `at_once`. A request that follows a redirect keeps the slot of its first host.
    pub(crate) at_once_per_host: NonZeroUsize,
    /// The maximum number of idle connections for each host; with 0 each request opens a new one.
    pub(crate) idle_per_host: usize,
    /// How long a request waits for a slot; 0 does not wait.
    #[serde(deserialize_with = "seconds")]
    pub(crate) slot_timeout: Duration,
    /// How long connecting may take: name lookup, TCP and TLS.
    #[serde(deserialize_with = "seconds")]
    pub(crate) connect_timeout: Duration,
    /// How long a server may send nothing. The first such wait starts with the request, so it
    /// includes connecting.
    #[serde(deserialize_with = "seconds")]
    pub(crate) read_timeout: Duration,
    /// How long one request may take, from its slot to the last byte.
    #[serde(deserialize_with = "seconds")]
    pub(crate) total_timeout: Duration,
    /// The maximum number of attempts for a request, the first one included.
    pub(crate) attempts: NonZeroU32,
    /// The maximum delay before the second attempt; the maximum doubles each time.
    #[serde(deserialize_with = "seconds")]
    pub(crate) retry_delay: Duration,
    /// How long all attempts together may take, including the waits between them.
    #[serde(deserialize_with = "seconds")]
    pub(crate) retry_timeout: Duration,
    /// The maximum length of a body, in bytes.
    pub(crate) max_body: usize,
    /// How long an IP address is cached; with 0 each connection needs a lookup.
    #[serde(deserialize_with = "seconds")]
    pub(crate) dns_ttl: Duration,
    /// The `User-Agent` header. It shows the operator of a server where the requests come from.
    pub(crate) user_agent: String,
    /// The proxy for all requests, such as `http://proxy.example:3128`. `None` uses no proxy,
    /// even if an environment variable names one.
    pub(crate) proxy: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            at_once: const { NonZeroUsize::new(10).unwrap() },
            at_once_per_host: const { NonZeroUsize::new(4).unwrap() },
            idle_per_host: 4,
            slot_timeout: 60.secs(),
            connect_timeout: 5.secs(),
            read_timeout: 10.secs(),
            total_timeout: 30.secs(),
            attempts: const { NonZeroU32::new(3).unwrap() },
            retry_delay: 1.secs(),
            retry_timeout: 180.secs(),
            max_body: 10_000_000,
            dns_ttl: 300.secs(),
            user_agent: concat!("http-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
        }
    }
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{0} is zero, and no request could ever succeed")]
    Zero(&'static str),
    #[error("{0} is more than {1}, and would have no effect")]
    Beyond(&'static str, &'static str),
    #[error("user_agent is not a valid header value")]
    UserAgent,
}

impl Config {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let per_host = self.at_once_per_host.get();
        within("at_once_per_host", per_host, "at_once", self.at_once.get())?;
        within("idle_per_host", self.idle_per_host, "at_once_per_host", per_host)?;

        let (total, retries) = (self.total_timeout, self.retry_timeout);
        positive("connect_timeout", self.connect_timeout)?;
        positive("read_timeout", self.read_timeout)?;
        positive("total_timeout", total)?;
        within(
            "connect_timeout",
            self.connect_timeout,
            "read_timeout",
            self.read_timeout,
        )?;
        within("read_timeout", self.read_timeout, "total_timeout", total)?;
        within("slot_timeout", self.slot_timeout, "retry_timeout", retries)?;
        within("total_timeout", total, "retry_timeout", retries)?;
        within("retry_delay", self.retry_delay, "retry_timeout", retries)?;

        let printable = |c: char| c == ' ' || c.is_ascii_graphic();
        match !self.user_agent.is_empty() && self.user_agent.chars().all(printable) {
            true => Ok(()),
            false => Err(ConfigError::UserAgent),
        }
    }
}

fn positive(name: &'static str, time: Duration) -> Result<(), ConfigError> {
    if time.is_zero() { Err(ConfigError::Zero(name)) } else { Ok(()) }
}

fn within<T: PartialOrd>(
    name: &'static str,
    value: T,
    bound: &'static str,
    limit: T,
) -> Result<(), ConfigError> {
    if value > limit { Err(ConfigError::Beyond(name, bound)) } else { Ok(()) }
}

/// Seconds with a fraction. Negative and infinite values and NaN are refused.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)
}
// ANCHOR_END: config
