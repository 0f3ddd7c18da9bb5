//! A loop that awaits a list of futures runs them one after the other; spawned tasks overlap.
//!
//! asyncio does the same: a coroutine in a list has not started, and `create_task` starts it.
//! Tokio: a future in a `Vec` has not started, and `spawn` starts it. The loops look the same;
//! the differences are the type of the items, and that they are in a list. A generator expression
//! or an iterator creates each task only when the loop asks for it.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

/// Fetches the same pages as a list of futures, as a list of tasks, and as an iterator of tasks.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 3, 1..=6_usize);
    let delay = knob("delay", 100.ms(), 10.ms()..=300.ms());
    ask("pages=6", "how much longer does the list of tasks take?");
    await_futures(pages, delay).await;
    say!("the list of futures is done");
    await_tasks(pages, delay).await?;
    say!("the list of tasks is done");
    await_lazy_tasks(pages, delay).await?;
    say!("the iterator of tasks is done");
    Ok(())
}

// ANCHOR: lookalikes
async fn await_futures(pages: usize, delay: Duration) {
    let page = |n| fetch(delay).lane(format!("future-{n}"));
    let futures: Vec<_> = (1..=pages).map(page).collect();
    for future in futures {
        future.await;
    }
}

async fn await_tasks(pages: usize, delay: Duration) -> anyhow::Result<()> {
    let page = |n| tokio::spawn(fetch(delay).lane(format!("task-{n}")));
    let tasks: Vec<_> = (1..=pages).map(page).collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

async fn await_lazy_tasks(pages: usize, delay: Duration) -> anyhow::Result<()> {
    let page = |n| tokio::spawn(fetch(delay).lane(format!("lazy-{n}")));
    // Without `collect`, each task is spawned only after the previous one has ended.
    for task in (1..=pages).map(page) {
        task.await?;
    }
    Ok(())
}

async fn fetch(delay: Duration) {
    say!("starts");
    sleep(delay).step("fetching").await;
}
// ANCHOR_END: lookalikes

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn futures_in_a_list_start_only_when_the_loop_reaches_them() {
        virtual_time(async {
            let seen = Transcript::of(await_futures(3, 100.ms())).await;
            seen.assert_lines([
                "[  0.000s] future-1 starts",
                "[  0.100s] future-2 starts",
                "[  0.200s] future-3 starts",
            ]);
            assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
        });
    }

    #[test]
    fn tasks_in_a_list_take_as_long_as_one() {
        virtual_time(async {
            for pages in [1, 3, 6] {
                let seen = Transcript::of(await_tasks(pages, 100.ms())).await;
                seen.assert_at(0.ms(), &format!("task-{pages} starts"));
                assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            }
        });
    }

    #[test]
    fn tasks_of_an_iterator_start_only_when_the_loop_reaches_them() {
        virtual_time(async {
            let seen = Transcript::of(await_lazy_tasks(3, 100.ms())).await;
            seen.assert_lines([
                "[  0.000s] lazy-1 starts",
                "[  0.100s] lazy-2 starts",
                "[  0.200s] lazy-3 starts",
            ]);
            assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
        });
    }
}
