//! Steps that need each other run one after the other, and an error chooses the next step.
//!
//! asyncio: `await` after `await`, and `try`/`except` where a step may fail. Tokio:
//! `.await` after `.await`, where `?` hands an error to the caller and `match` decides
//! here. The error is a type, not a flag in the value: the compiler asks what happens to
//! it.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// Tea goes through three steps; coffee is sold out, and is reordered after the first.
pub(crate) async fn run() -> anyhow::Result<()> {
    serve("tea").lane("tea").await;
    serve("coffee").lane("coffee").await;
    Ok(())
}

// ANCHOR: steps
async fn serve(item: &str) {
    match deliver(item).await {
        Ok(address) => say!("is on its way to {address}"),
        Err(SoldOut) => reorder().await,
    }
}

async fn deliver(item: &str) -> Result<&'static str, SoldOut> {
    let shelf = find(item).await?;
    let parcel = pack(shelf).await;
    Ok(ship(parcel).await)
}
// ANCHOR_END: steps

#[derive(Debug)]
struct SoldOut;

async fn find(item: &str) -> Result<u32, SoldOut> {
    sleep(100.ms()).step("working").await;
    match item {
        "tea" => Ok(7),
        _ => Err(SoldOut),
    }
}

async fn pack(shelf: u32) -> u32 {
    say!("found on shelf {shelf}");
    sleep(100.ms()).step("working").await;
    say!("packed");
    shelf * 100
}

async fn ship(parcel: u32) -> &'static str {
    sleep(100.ms()).step("working").await;
    if parcel > 500 { "the harbour" } else { "the station" }
}

async fn reorder() {
    say!("is sold out");
    sleep(100.ms()).step("working").await;
    say!("is ordered");
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn no_step_starts_before_the_one_before_it_has_ended() {
        virtual_time(async {
            let seen = Transcript::of(serve("tea")).await;
            seen.assert_lines([
                "[  0.100s] found on shelf 7",
                "[  0.200s] packed",
                "[  0.300s] is on its way to the harbour",
            ]);
        });
    }

    #[test]
    fn a_failed_step_skips_the_steps_that_need_its_value() {
        virtual_time(async {
            let seen = Transcript::of(serve("coffee")).await;
            seen.assert_lines(["[  0.100s] is sold out", "[  0.200s] is ordered"]);
        });
    }
}
