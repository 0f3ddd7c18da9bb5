//! A future does nothing until it is polled: calling an async fn runs none of its body.
//!
//! asyncio is the same for a bare coroutine, and tells you at run time that it "was never
//! awaited". Rust tells you when you compile, with the lint `unused_must_use`
//! (`wrong/forgotten_await.rs`); `let _ = …` hides both the warning and the mistake.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::sleep;

/// A future is made, left alone for a while, then awaited; another one is dropped unawaited.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 100.ms(), 1.ms()..=1000.ms());
    make_wait_await(pause).await;
    Ok(())
}

// ANCHOR: lazy
async fn make_wait_await(pause: Duration) {
    let awaited = work().lane("awaited");
    let forgotten = work().lane("forgotten");
    say!("both are made");
    sleep(pause).await;
    say!("now one is awaited");
    awaited.await;
    drop(forgotten);
}

async fn work() {
    say!("starts");
    sleep(50.ms()).step("working").await;
    say!("is done");
}
// ANCHOR_END: lazy

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn the_body_starts_at_the_await_and_a_forgotten_one_never() {
        virtual_time(async {
            for pause in [1, 100, 1000] {
                let seen = Transcript::of(make_wait_await(pause.ms())).await;
                seen.assert_at(pause.ms(), "awaited starts");
                seen.assert_at((pause + 50).ms(), "awaited is done");
                assert!(!seen.to_string().contains("forgotten"), "{seen}");
                assert_eq!(seen.ending("forgotten"), Some(Ending::NeverPolled), "{seen}");
            }
        });
    }
}
