//! A future does nothing until it is polled: calling an async fn runs none of its body.
//!
//! In asyncio the same is true for a coroutine, and Python prints the warning "was never
//! awaited" at run time. Rust warns at compile time, with the lint `unused_must_use`
//! (`wrong/forgotten_await.rs`). Writing `let _ = …` hides the warning and leaves the mistake.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

/// Creates two futures, pauses, awaits one of them, and drops the other without awaiting it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 100.ms(), 1.ms()..=1000.ms());
    ask("pause=500ms", "when does the awaited future start?");
    create_pause_await(pause).await;
    Ok(())
}

// ANCHOR: lazy
async fn create_pause_await(pause: Duration) {
    let awaited = work().lane("awaited future");
    let forgotten = work().lane("forgotten future");
    say!("two futures are created");
    sleep(pause).await;
    say!("now one of them is awaited");
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
    fn the_body_starts_at_the_await_and_never_without_one() {
        virtual_time(async {
            for pause in [1, 100, 1000] {
                let seen = Transcript::of(create_pause_await(pause.ms())).await;
                seen.assert_at(pause.ms(), "awaited future starts");
                seen.assert_at((pause + 50).ms(), "awaited future is done");
                assert!(!seen.to_string().contains("forgotten"), "{seen}");
                assert_eq!(
                    seen.ending("forgotten future"),
                    Some(Ending::NeverPolled),
                    "{seen}"
                );
            }
        });
    }
}
