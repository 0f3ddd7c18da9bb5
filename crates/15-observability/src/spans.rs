//! Every event inside a span is logged with the fields of that span.
//!
//! asyncio: a `ContextVar`, and a `logging.Filter` of your own that adds it to each record. Tokio:
//! `#[instrument]` makes a span from the name of a function and all its arguments. `skip` leaves an
//! argument out, for example a password.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;
use tracing::{info, instrument, warn};

/// Two customers buy concurrently: their lines are mixed, but each line names its order.
pub(crate) async fn run() -> anyhow::Result<()> {
    let ada = tokio::spawn(buy(7, "lamp oil", "s3cret").lane("ada"));
    let bob = tokio::spawn(buy(8, "matches", "hunter2").lane("bob"));
    ada.await?;
    bob.await?;
    say!("both customers are served");
    Ok(())
}

// ANCHOR: spans
#[instrument(skip(item, password))]
async fn buy(order: u32, item: &str, password: &str) {
    info!(item, "ordered");
    if log_in(password).await {
        charge(item.len() as u32 * 100).await;
    }
}

#[instrument]
async fn charge(cents: u32) {
    sleep(30.ms()).step("charging").await;
    info!("paid");
}
// ANCHOR_END: spans

async fn log_in(password: &str) -> bool {
    sleep(10.ms()).step("logging in").await;
    let known = password == "s3cret";
    if !known {
        warn!("wrong password");
    }
    known
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;
    use crate::logs;

    fn seen() -> Transcript {
        logs::init();
        virtual_time(Transcript::of(run()))
    }

    #[test]
    fn each_line_names_its_order_although_both_run_concurrently() {
        seen().assert_lines([
            "[  0.000s] ada INFO buy{order=7}: ordered item=\"lamp oil\"",
            "[  0.000s] bob INFO buy{order=8}: ordered item=\"matches\"",
            "[  0.010s] bob WARN buy{order=8}: wrong password",
            "[  0.040s] ada INFO buy{order=7}:charge{cents=800}: paid",
            "[  0.040s] both customers are served",
        ]);
    }

    #[test]
    fn a_skipped_argument_is_never_logged() {
        let seen = seen().to_string();
        assert!(!seen.contains("s3cret") && !seen.contains("hunter2"), "{seen}");
    }
}
