//! Nested scopes release from the inside out, one after the other, even if all are cancelled.
//!
//! asyncio: nested `async with`. Rust drops local variables in reverse order, but it drops the fields
//! of a struct and the items of a `Vec` from the first to the last. And `drop` never waits, so
//! clean-ups that it starts in the background overlap. A scope of the kit waits for the releases of
//! the scopes inside it.

use std::time::Duration;

use anyhow::ensure;
use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Cancels a reader that has a cursor inside a transaction inside a connection.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cancel_after = knob("cancel-after", 30.ms(), 1.ms()..=99.ms());
    ask("cancel-after=60ms", "how long do the releases take now?");
    cancel_reader(cancel_after).await
}

// ANCHOR: reverse
async fn cancel_reader(cancel_after: Duration) -> anyhow::Result<()> {
    let reader = tokio::spawn(read().lane("reader"));
    sleep(cancel_after).await;
    reader.abort();
    // `abort` only requests the end. The releases start when the task is dropped, so wait for
    // that first.
    ensure!(reader.await.is_err(), "the reader was not cancelled");
    scope::released().await;
    say!("everything is released");
    Ok(())
}

async fn read() {
    scope::with(Layer("connection"), async |_| {
        scope::with(Layer("transaction"), async |_| {
            scope::with(Layer("cursor"), async |_| {
                sleep(100.ms()).step("reading").await;
            })
            .await;
        })
        .await;
    })
    .await;
}

struct Layer(&'static str);

impl Release for Layer {
    async fn release(self) {
        let close = async {
            say!("closes");
            sleep(20.ms()).step("closing").await;
            say!("is closed");
        };
        close.lane(self.0).await;
    }
}
// ANCHOR_END: reverse

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    const LAYERS: [&str; 3] = ["cursor", "transaction", "connection"];

    /// ```text
    ///              0     30    50    70    90
    /// reader       ██████⊘
    /// cursor             ██████✓
    /// transaction              ██████✓
    /// connection                     ██████✓
    /// ```
    #[test]
    fn layers_close_one_after_the_other_from_the_inside_out() {
        for cancel_after in [1, 30, 99] {
            let seen = virtual_time(Transcript::of(cancel_reader(cancel_after.ms())));
            for (layer, position) in LAYERS.iter().zip(0..) {
                let begin = cancel_after + 20 * position;
                seen.assert_at(begin.ms(), &format!("{layer} closes"));
                seen.assert_at((begin + 20).ms(), &format!("{layer} is closed"));
            }
            let end = (cancel_after + 60).ms();
            seen.assert_at(end, "everything is released");
        }
    }

    #[test]
    fn a_reader_that_returns_closes_in_the_same_order() {
        let seen = virtual_time(Transcript::of(read()));
        for (layer, position) in LAYERS.iter().zip(0..) {
            seen.assert_at((120 + 20 * position).ms(), &format!("{layer} is closed"));
        }
    }
}
