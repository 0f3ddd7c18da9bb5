//! There are three ways to run a future: block a thread on it, await it, or spawn it.
//!
//! asyncio: `asyncio.run(f())`, `await f()`, `create_task(f())`. Blocking a thread
//! works only outside a runtime, in code that is not async; `#[tokio::main]` writes this call for you.
//! Awaiting and spawning work only inside a runtime.

#![cfg(not(target_family = "wasm"))]

use async_kit::{Millis, say};
use tokio::{runtime::Builder, task::spawn_blocking, time::sleep};

/// Runs a future of 100 ms in each of the three ways.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("awaited: {}", compute().await);
    say!("spawned: {}", tokio::spawn(compute()).await?);
    // This runs on a thread that may block, as the thread of `fn main` may.
    say!("blocked on: {}", spawn_blocking(from_outside).await??);
    Ok(())
}

// ANCHOR: ways_in
async fn compute() -> &'static str {
    sleep(100.ms()).await;
    "the result"
}

/// What `#[tokio::main(flavor = "current_thread")] async fn main` expands to.
fn from_outside() -> anyhow::Result<&'static str> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(compute()))
}
// ANCHOR_END: ways_in

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use async_kit::virtual_time;
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn all_three_ways_return_the_value() {
        assert_eq!(from_outside().unwrap(), "the result");
        let took = virtual_time(async {
            let start = Instant::now();
            assert_eq!(compute().await, "the result");
            assert_eq!(tokio::spawn(compute()).await.unwrap(), "the result");
            start.elapsed()
        });
        assert_eq!(took, 200.ms(), "each way waits for its own 100 ms");
    }

    #[test]
    fn blocking_on_a_future_inside_a_runtime_panics() {
        virtual_time(async {
            let panic = catch_unwind(from_outside).unwrap_err();
            let text = panic.downcast_ref::<&str>().copied().unwrap_or_default();
            assert!(
                text.starts_with("Cannot start a runtime from within a runtime"),
                "{text}"
            );
        });
    }
}
