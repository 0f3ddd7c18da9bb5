//! A setting that could have no effect, or only a harmful one, is refused before anything is sent.
//!
//! asyncio: a `dataclass` checks nothing; `-1` and `"x"` are found when they are used, or never.
//! Tokio: the types refuse what has no meaning (`NonZeroUsize`, `Duration`), serde refuses a
//! misspelt name, and what concerns two settings at once is checked in one place.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use async_kit::{Millis, say};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The defaults, a good file, and eight that each have a mistake.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("ok {}", summary(&read("{}")?));
    for text in [
        r#"{"at_once": 40, "total_timeout": 10.5}"#,
        r#"{"at_once_per_host": 50}"#,
        r#"{"connect_timeout": 60}"#,
        r#"{"read_timeout": 0}"#,
        r#"{"retry_timeout": 20}"#,
        r#"{"at_once": 0}"#,
        r#"{"connect_timeout": -1}"#,
        r#"{"attempts": "x"}"#,
        r#"{"max_concurrency": 5}"#,
    ] {
        match read(text) {
            Ok(config) => say!("ok {}", summary(&config)),
            Err(error) => say!("refused {text}: {error:#}"),
        }
    }
    Ok(())
}

fn summary(config: &Config) -> String {
    let Config { at_once, at_once_per_host, attempts, total_timeout, .. } = config;
    let total = total_timeout.as_secs_f64();
    format!(
        "at_once={at_once} per_host={at_once_per_host} attempts={attempts} total={total}s"
    )
}

fn read(text: &str) -> anyhow::Result<Config> {
    let config: Config = serde_json::from_str(text)?;
    config.validate()?;
    Ok(config)
}

// ANCHOR: config
/// How a [`Fetcher`](crate::fetcher::Fetcher) behaves. In a file, times are seconds: `0.5`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Requests at once, over all hosts.
    pub(crate) at_once: NonZeroUsize,
    /// Requests at once to one host and port; at most `at_once`. A redirect is followed in the
    /// place of the host that sent it.
    pub(crate) at_once_per_host: NonZeroUsize,
    /// Connections kept open without a request, for each host; 0 makes a new one each time.
    pub(crate) idle_per_host: usize,
    /// How long a request waits for its turn; 0 is not at all.
    #[serde(deserialize_with = "seconds")]
    pub(crate) slot_timeout: Duration,
    /// How long a connection may take: the name, TCP and TLS.
    #[serde(deserialize_with = "seconds")]
    pub(crate) connect_timeout: Duration,
    /// The longest silence of a server. The first begins with the request, so connecting is a
    /// part of it.
    #[serde(deserialize_with = "seconds")]
    pub(crate) read_timeout: Duration,
    /// How long one request may take, from its turn to the last byte.
    #[serde(deserialize_with = "seconds")]
    pub(crate) total_timeout: Duration,
    /// How often a request is made at most, the first time included.
    pub(crate) attempts: NonZeroU32,
    /// The longest first delay between two attempts; it doubles each time.
    #[serde(deserialize_with = "seconds")]
    pub(crate) retry_delay: Duration,
    /// How long all attempts together may take, with every wait between them.
    #[serde(deserialize_with = "seconds")]
    pub(crate) retry_timeout: Duration,
    /// The most bytes of a body that are taken.
    pub(crate) max_body: usize,
    /// How long an address is remembered; 0 looks it up for each connection.
    #[serde(deserialize_with = "seconds")]
    pub(crate) dns_ttl: Duration,
    /// Who we say we are: a server that has a question finds somebody to ask.
    pub(crate) user_agent: String,
    /// The proxy to go through, as `http://proxy.example:3128`; none is none, whatever the
    /// environment says.
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
    #[error("user_agent is no text that a header can carry")]
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

        let carries = |c: char| c == ' ' || c.is_ascii_graphic();
        match !self.user_agent.is_empty() && self.user_agent.chars().all(carries) {
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
    most: T,
) -> Result<(), ConfigError> {
    if value > most { Err(ConfigError::Beyond(name, bound)) } else { Ok(()) }
}

/// Seconds with a fraction; less than nothing, infinite and no number are refused.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)
}
// ANCHOR_END: config

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text).expect_err(text).to_string()
    }

    #[test]
    fn the_defaults_are_valid_and_an_empty_file_means_them() {
        assert_eq!(read("{}").expect("valid"), Config::default());
    }

    #[test]
    fn times_are_seconds_with_a_fraction() {
        let config = read(r#"{"retry_delay": 0.25, "dns_ttl": 7}"#).expect("valid");
        assert_eq!((config.retry_delay, config.dns_ttl), (250.ms(), 7.secs()));
    }

    #[test]
    fn what_has_no_meaning_is_refused_by_its_type() {
        for (text, why) in [
            (r#"{"at_once": 0}"#, "nonzero"),
            (r#"{"at_once_per_host": -1}"#, "-1"),
            (r#"{"attempts": 0}"#, "nonzero"),
            (r#"{"attempts": "x"}"#, "\"x\""),
            (r#"{"connect_timeout": -1}"#, "negative"),
            (r#"{"total_timeout": 1e300}"#, "too big"),
            (r#"{"max_body": 1.5}"#, "1.5"),
            (r#"{"time_out": 3}"#, "unknown field `time_out`"),
        ] {
            let said = refused(text);
            assert!(said.contains(why) && said.contains("line 1"), "{text}: {said}");
        }
    }

    #[test]
    fn a_setting_that_another_one_makes_useless_is_refused() {
        for (text, field, bound) in [
            (r#"{"at_once_per_host": 11}"#, "at_once_per_host", "at_once"),
            (r#"{"idle_per_host": 5}"#, "idle_per_host", "at_once_per_host"),
            (r#"{"connect_timeout": 11}"#, "connect_timeout", "read_timeout"),
            (r#"{"read_timeout": 31}"#, "read_timeout", "total_timeout"),
            (r#"{"slot_timeout": 181}"#, "slot_timeout", "retry_timeout"),
            (r#"{"retry_timeout": 29}"#, "slot_timeout", "retry_timeout"),
            (r#"{"total_timeout": 181}"#, "total_timeout", "retry_timeout"),
            (r#"{"retry_delay": 181}"#, "retry_delay", "retry_timeout"),
        ] {
            let wanted = ConfigError::Beyond(field, bound).to_string();
            assert_eq!(refused(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_limit_of_zero_that_would_fail_every_request_is_refused() {
        for field in ["connect_timeout", "read_timeout", "total_timeout"] {
            let said = refused(&format!(r#"{{"{field}": 0}}"#));
            assert!(said.starts_with(field), "{said}");
        }
        let fine = r#"{"slot_timeout": 0, "retry_delay": 0, "dns_ttl": 0}"#;
        assert!(read(fine).is_ok(), "these three have a meaning at zero");
    }

    #[test]
    fn a_user_agent_that_no_header_can_carry_is_refused() {
        for text in ["", "a\nb", "é"] {
            let config = Config { user_agent: text.to_owned(), ..Config::default() };
            assert_eq!(config.validate(), Err(ConfigError::UserAgent), "{text:?}");
        }
    }
}
