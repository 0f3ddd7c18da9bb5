//! A setting that could have no effect, or only a harmful one, is refused before anything is sent.
//!
//! asyncio: a `dataclass` checks nothing; `-1` and `"x"` fail when they are used, or never.
//! Tokio: the types refuse values without a meaning (`NonZeroUsize`, `Duration`), serde refuses a
//! misspelt name, and one function checks the rules that concern two settings.

use async_kit::say;

use crate::fetcher_config::Config;

/// The defaults, a valid file, and eight files with one mistake each.
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

#[cfg(test)]
mod tests {
    use async_kit::Millis;

    use super::*;
    use crate::fetcher_config::ConfigError;

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
    fn a_value_without_a_meaning_is_refused_by_its_type() {
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
            let error = refused(text);
            assert!(error.contains(why) && error.contains("line 1"), "{text}: {error}");
        }
    }

    #[test]
    fn a_setting_that_another_setting_makes_useless_is_refused() {
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
            let expected = ConfigError::Beyond(field, bound).to_string();
            assert_eq!(refused(text), expected, "{text}");
        }
    }

    #[test]
    fn a_timeout_of_zero_would_fail_every_request_and_is_refused() {
        for field in ["connect_timeout", "read_timeout", "total_timeout"] {
            let error = refused(&format!(r#"{{"{field}": 0}}"#));
            assert!(error.starts_with(field), "{error}");
        }
        let valid = r#"{"slot_timeout": 0, "retry_delay": 0, "dns_ttl": 0}"#;
        assert!(read(valid).is_ok(), "these three settings have a meaning at zero");
    }

    #[test]
    fn a_user_agent_that_is_no_valid_header_value_is_refused() {
        for text in ["", "a\nb", "é"] {
            let config = Config { user_agent: text.to_owned(), ..Config::default() };
            assert_eq!(config.validate(), Err(ConfigError::UserAgent), "{text:?}");
        }
    }
}
