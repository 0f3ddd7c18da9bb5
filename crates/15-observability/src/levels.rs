//! `tracing` shows nothing until the program installs a subscriber, which sets the levels.
//!
//! asyncio: the root logger shows WARNING and above, so `log.info` shows nothing until the program
//! calls `basicConfig(level=logging.INFO)`. Tokio: without a subscriber nothing is shown, not even
//! an error; `fmt` shows INFO and above; an `EnvFilter` without `RUST_LOG` shows only ERROR.

use async_kit::say;
use tracing::{Level, Subscriber, enabled, subscriber};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// Reports which levels of two modules each of five subscribers shows.
pub(crate) async fn run() -> anyhow::Result<()> {
    report("no subscriber", subscriber::NoSubscriber::default());
    report("the default", fmt().finish());
    report("an empty filter", fmt().with_env_filter(EnvFilter::new("")).finish());
    report("INFO by default", fmt().with_env_filter(filter("")?).finish());
    report("INFO by default and shop::db=debug", {
        fmt().with_env_filter(filter("shop::db=debug")?).finish()
    });
    Ok(())
}

// ANCHOR: levels
/// Shows INFO and above, unless `rust_log` sets other levels, as `debug` or `shop::db=debug,warn`.
fn filter(rust_log: &str) -> Result<EnvFilter, ParseError> {
    // `with_default_directive` applies only while no directive is given, so `shop::db=debug` would
    // hide all modules except `shop::db`. `from_env_lossy` ignores a directive that it cannot
    // parse, so a typing error would hide lines without an error.
    EnvFilter::try_new(format!("info,{rust_log}"))
}
// ANCHOR_END: levels

fn report(configuration: &str, subscriber: impl Subscriber + Send + Sync + 'static) {
    let (shop, db) = shown_by(subscriber);
    say!("{configuration}: shop {shop}, shop::db {db}");
}

/// The levels of the modules `shop` and `shop::db` that `subscriber` shows.
fn shown_by(
    subscriber: impl Subscriber + Send + Sync + 'static,
) -> (&'static str, &'static str) {
    subscriber::with_default(subscriber, || (shop_levels(), db_levels()))
}

fn shop_levels() -> &'static str {
    levels(
        enabled!(target: "shop", Level::ERROR),
        enabled!(target: "shop", Level::WARN),
        enabled!(target: "shop", Level::INFO),
        enabled!(target: "shop", Level::DEBUG),
    )
}

fn db_levels() -> &'static str {
    levels(
        enabled!(target: "shop::db", Level::ERROR),
        enabled!(target: "shop::db", Level::WARN),
        enabled!(target: "shop::db", Level::INFO),
        enabled!(target: "shop::db", Level::DEBUG),
    )
}

fn levels(error: bool, warn: bool, info: bool, debug: bool) -> &'static str {
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
    fn each_configuration_shows_only_its_levels() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] no subscriber: shop nothing, shop::db nothing",
            "[  0.000s] the default: shop from INFO up, shop::db from INFO up",
            "[  0.000s] an empty filter: shop only ERROR, shop::db only ERROR",
            "[  0.000s] INFO by default: shop from INFO up, shop::db from INFO up",
            "[  0.000s] INFO by default and shop::db=debug: shop from INFO up, shop::db from DEBUG up",
        ]);
    }

    #[test]
    fn an_invalid_filter_is_an_error_and_is_not_ignored() {
        for wrong in ["shop=lots", "shop=debug=info", "shop[", "=="] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn directives_override_the_default_for_their_targets_only() {
        for (rust_log, shop, db) in [
            ("", "from INFO up", "from INFO up"),
            ("debug", "from DEBUG up", "from DEBUG up"),
            ("error", "only ERROR", "only ERROR"),
            ("off", "nothing", "nothing"),
            ("shop::db=warn", "from INFO up", "from WARN up"),
            ("error,shop=debug", "from DEBUG up", "from DEBUG up"),
        ] {
            let filter = filter(rust_log).expect(rust_log);
            let subscriber = fmt().with_env_filter(filter).finish();
            assert_eq!(shown_by(subscriber), (shop, db), "{rust_log}");
        }
    }
}
