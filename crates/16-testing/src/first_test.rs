//! An async test is a plain test that builds its own runtime and blocks on its body.
//!
//! asyncio: `IsolatedAsyncioTestCase` creates a loop for each test method. Tokio: `#[tokio::test]`
//! creates a runtime for each `async fn`, on the thread of that test. When the body ends, tasks that
//! still run are dropped. `flavor = "multi_thread"` gives the runtime more threads, and
//! `start_paused = true` gives it a virtual clock.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// A title has a page, and an empty title has no page.
pub(crate) async fn run() -> anyhow::Result<()> {
    for title in ["Hello World", ""] {
        match page(title).try_lane("shelf").await {
            Ok(page) => say!("{title:?} is at {page:?}"),
            Err(error) => say!("{title:?}: {error}"),
        }
    }
    Ok(())
}

// ANCHOR: first_test
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an empty title has no page")]
struct NoPage;

async fn page(title: &str) -> Result<String, NoPage> {
    sleep(20.ms()).step("looking").await;
    match title {
        "" => Err(NoPage),
        _ => Ok(title.to_lowercase().replace(' ', "-")),
    }
}
// ANCHOR_END: first_test

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use async_kit::{Transcript, virtual_time};
    use tokio::{runtime::Builder, time::Instant};

    use super::*;

    // ANCHOR: tests
    #[tokio::test(start_paused = true)]
    async fn a_title_becomes_its_page() {
        assert_eq!(page("Hello World").await.as_deref(), Ok("hello-world"));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_title_there_is_no_page() {
        assert_eq!(page("").await, Err(NoPage));
    }

    /// A test may return an error instead of unwrapping each step.
    #[tokio::test(start_paused = true)]
    async fn two_titles_have_two_pages() -> Result<(), NoPage> {
        assert_ne!(page("one").await?, page("two").await?);
        Ok(())
    }
    // ANCHOR_END: tests

    // ANCHOR: by_hand
    /// This is what `#[tokio::test(start_paused = true)]` generates from an `async fn`.
    #[test]
    fn the_attribute_builds_a_runtime_and_blocks_on_the_body() {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let start = Instant::now();
            assert_eq!(page("Hello World").await.as_deref(), Ok("hello-world"));
            assert_eq!(start.elapsed(), 20.ms());
        });
    }
    // ANCHOR_END: by_hand

    // ANCHOR: flavours
    #[tokio::test]
    async fn by_default_tasks_run_on_the_thread_of_the_test() {
        let here = thread::current().id();
        let there = tokio::spawn(async { thread::current().id() });
        assert_eq!(there.await.unwrap(), here);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn on_a_multi_thread_runtime_tasks_run_on_another_thread() {
        let here = thread::current().id();
        let there = tokio::spawn(async { thread::current().id() });
        assert_ne!(there.await.unwrap(), here);
    }
    // ANCHOR_END: flavours

    #[test]
    fn a_task_that_still_runs_when_the_body_ends_is_dropped() {
        let held = Arc::new(());
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let held = Arc::clone(&held);
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(held);
            });
        });
        drop(runtime);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn each_look_up_takes_20_ms() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.020s] \"Hello World\" is at \"hello-world\"",
            "[  0.040s] \"\": an empty title has no page",
        ]);
    }
}
