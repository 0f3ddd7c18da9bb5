//! Steps that depend on each other run one after the other, and an error decides the next step.
//!
//! asyncio: `await` after `await`, and `try`/`except` where a step may fail. Tokio:
//! `.await` after `.await`; `?` returns an error to the caller, and `match` handles it in the
//! function itself. The error is part of the return type, so the compiler checks that it is handled.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

/// Tea takes three steps. Coffee is sold out, so it is reordered after the first step.
pub(crate) async fn run() -> anyhow::Result<()> {
    let step = knob("step", 100.ms(), 1.ms()..=500.ms());
    ask("step=250ms", "when is the tea shipped?");
    serve("tea", step).lane("tea").await;
    serve("coffee", step).lane("coffee").await;
    Ok(())
}

// ANCHOR: steps
async fn serve(item: &str, step: Duration) {
    match deliver(item, step).await {
        Ok(address) => say!("is shipped to {address}"),
        Err(SoldOut) => reorder(step).await,
    }
}

async fn deliver(item: &str, step: Duration) -> Result<&'static str, SoldOut> {
    let shelf = find(item, step).await?;
    let parcel = pack(shelf, step).await;
    Ok(ship(parcel, step).await)
}
// ANCHOR_END: steps

#[derive(Debug)]
struct SoldOut;

async fn find(item: &str, step: Duration) -> Result<u32, SoldOut> {
    sleep(step).step("working").await;
    match item {
        "tea" => Ok(7),
        _ => Err(SoldOut),
    }
}

async fn pack(shelf: u32, step: Duration) -> u32 {
    say!("is found on shelf {shelf}");
    sleep(step).step("working").await;
    say!("is packed");
    shelf * 100
}

async fn ship(parcel: u32, step: Duration) -> &'static str {
    sleep(step).step("working").await;
    if parcel > 500 { "the harbour" } else { "the station" }
}

async fn reorder(step: Duration) {
    say!("is sold out");
    sleep(step).step("working").await;
    say!("is ordered");
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn each_step_starts_when_the_previous_one_has_ended() {
        for step in [1, 100, 500] {
            let seen = virtual_time(Transcript::of(serve("tea", step.ms())));
            seen.assert_at(step.ms(), "is found on shelf 7");
            seen.assert_at((2 * step).ms(), "is packed");
            seen.assert_at((3 * step).ms(), "is shipped to the harbour");
            assert_eq!(seen.lines().len(), 3, "{seen}");
        }
    }

    #[test]
    fn a_failed_step_skips_the_steps_that_need_its_value() {
        for step in [1, 100, 500] {
            let seen = virtual_time(Transcript::of(serve("coffee", step.ms())));
            seen.assert_at(step.ms(), "is sold out");
            seen.assert_at((2 * step).ms(), "is ordered");
            assert_eq!(seen.lines().len(), 2, "{seen}");
        }
    }
}
