//! A future can be awaited once; a `Shared` future can be awaited by many tasks, and runs once.
//!
//! In Python a coroutine that is awaited twice raises a `RuntimeError`, but a task may be awaited any
//! number of times. In Rust `.await` consumes the future, so a second `.await` does not compile
//! (`wrong/await_twice.rs`). `FutureExt::shared` makes a future that can be cloned: all clones wait
//! for the same run.

use async_kit::{Lane, Millis, ask, knob, say};
use futures::FutureExt;
use tokio::time::sleep;

/// Several readers wait for one load of 100 ms; a later await gets the same value without waiting.
pub(crate) async fn run() -> anyhow::Result<()> {
    let readers = knob("readers", 3, 1..=10);
    ask("readers=10", "how many times does the load run?");
    one_load(readers).await
}

// ANCHOR: shared
async fn one_load(readers: usize) -> anyhow::Result<()> {
    let loaded = load().lane("load").shared();
    let mut tasks = Vec::new();
    for n in 0..readers {
        let loaded = loaded.clone();
        let reader = async move { say!("gets {}", loaded.await) };
        tasks.push(tokio::spawn(reader.lane(format!("reader-{n}"))));
    }
    for task in tasks {
        task.await?;
    }
    say!("a later await still gets {}", loaded.await);
    Ok(())
}

async fn load() -> u32 {
    say!("starts");
    sleep(100.ms()).step("loading").await;
    42
}
// ANCHOR_END: shared

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_load_runs_once_for_all_its_readers() {
        for readers in [1, 3, 10] {
            virtual_time(async move {
                let seen = Transcript::of(one_load(readers)).await;
                let text = seen.to_string();
                assert_eq!(text.matches("load starts").count(), 1, "{seen}");
                assert_eq!(text.matches("reader").count(), readers, "{seen}");
                assert_eq!(text.matches("gets 42").count(), readers + 1, "{seen}");
                assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            });
        }
    }
}
