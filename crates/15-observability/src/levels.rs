//! Nothing is shown by itself: the program chooses once, at its start, who shows what.
//!
//! asyncio: the root logger shows WARNING and above, so `log.info` is silent until somebody calls
//! `basicConfig(level=logging.INFO)`. Tokio: without a subscriber nothing is shown, not even an
//! error; `fmt` shows INFO and above; and an `EnvFilter` without `RUST_LOG` only ERROR.

use async_kit::say;
use tracing::{Level, Subscriber, enabled, subscriber};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// The same program under five choices; it asks what would be shown now.
pub(crate) async fn run() -> anyhow::Result<()> {
    under("no choice", subscriber::NoSubscriber::default());
    under("the default", fmt().finish());
    under("a filter that nobody set", fmt().with_env_filter(EnvFilter::new("")).finish());
    under("ours", fmt().with_env_filter(filter("")?).finish());
    under("ours, and shop::db=debug", {
        fmt().with_env_filter(filter("shop::db=debug")?).finish()
    });
    Ok(())
}

// ANCHOR: levels
/// INFO and above, unless `rust_log` says otherwise: `debug`, or `shop::db=debug,warn`.
fn filter(rust_log: &str) -> Result<EnvFilter, ParseError> {
    // `with_default_directive` would be gone with the first directive that names a target, and
    // `from_env_lossy` leaves out what it cannot read: silence, just when somebody asks for more.
    EnvFilter::try_new(format!("info,{rust_log}"))
}
// ANCHOR_END: levels

fn under(choice: &str, subscriber: impl Subscriber + Send + Sync + 'static) {
    let (shop, db) = shown(subscriber);
    say!("{choice}: shop {shop}, shop::db {db}");
}

fn shown(to: impl Subscriber + Send + Sync + 'static) -> (&'static str, &'static str) {
    subscriber::with_default(to, || (shop(), db()))
}

fn shop() -> &'static str {
    lowest(
        enabled!(target: "shop", Level::ERROR),
        enabled!(target: "shop", Level::WARN),
        enabled!(target: "shop", Level::INFO),
        enabled!(target: "shop", Level::DEBUG),
    )
}

fn db() -> &'static str {
    lowest(
        enabled!(target: "shop::db", Level::ERROR),
        enabled!(target: "shop::db", Level::WARN),
        enabled!(target: "shop::db", Level::INFO),
        enabled!(target: "shop::db", Level::DEBUG),
    )
}

fn lowest(error: bool, warn: bool, info: bool, debug: bool) -> &'static str {
    match (error, warn, info, debug) {
        (_, _, _, true) => "from DEBUG up",
        (_, _, true, _) => "from INFO up",
        (_, true, _, _) => "from WARN up",
        (true, ..) => "only ERROR",
        _ => "nothing",
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn what_is_shown_is_what_was_chosen() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] no choice: shop nothing, shop::db nothing",
            "[  0.000s] the default: shop from INFO up, shop::db from INFO up",
            "[  0.000s] a filter that nobody set: shop only ERROR, shop::db only ERROR",
            "[  0.000s] ours: shop from INFO up, shop::db from INFO up",
            "[  0.000s] ours, and shop::db=debug: shop from INFO up, shop::db from DEBUG up",
        ]);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error_and_not_silence() {
        for wrong in ["shop=lots", "shop=debug=info", "shop[", "=="] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_word_about_a_target_counts() {
        for (asked, shop, db) in [
            ("", "from INFO up", "from INFO up"),
            ("debug", "from DEBUG up", "from DEBUG up"),
            ("error", "only ERROR", "only ERROR"),
            ("off", "nothing", "nothing"),
            ("shop::db=warn", "from INFO up", "from WARN up"),
            ("error,shop=debug", "from DEBUG up", "from DEBUG up"),
        ] {
            let filter = fmt().with_env_filter(filter(asked).expect(asked)).finish();
            assert_eq!(shown(filter), (shop, db), "{asked}");
        }
    }
}
