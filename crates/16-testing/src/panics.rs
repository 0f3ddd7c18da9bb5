//! An assertion that fails in a task fails no test, unless somebody awaits the task.
//!
//! asyncio: the same, and "Task exception was never retrieved" comes when the task is collected, if
//! ever. Tokio: the panic stops at the edge of its task and waits in the handle. A handle that is
//! dropped takes it along: the report stands on stderr, and the test is green.
#![cfg(not(target_family = "wasm"))]

use std::panic;

use async_kit::say;
use tokio::{
    runtime::Builder,
    task::{JoinHandle, JoinSet},
};

use crate::verdict::{Failed, run_test};

/// Three tests start the same task, whose assertion fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    let dropped = run_test(|| block_on(drops_the_handle()));
    say!("who drops the handle: {}", verdict(dropped.await));
    let awaited = run_test(|| block_on(awaits_the_handle()));
    say!("who awaits the handle: {}", verdict(awaited.await));
    let joined = run_test(|| block_on(joins_all()));
    say!("who joins a set: {}", verdict(joined.await));
    Ok(())
}

fn verdict(ended: Result<(), Failed>) -> String {
    match ended {
        Ok(()) => "green, and nothing was tested".to_owned(),
        Err(failed) => {
            format!("red, {}", failed.to_string().lines().next().unwrap_or_default())
        }
    }
}

// ANCHOR: panics
async fn sums() {
    assert_eq!(1 + 1, 3, "sums are wrong");
}

async fn drops_the_handle() {
    tokio::spawn(sums());
    tokio::task::yield_now().await;
}

async fn awaits_the_handle() {
    passes_on(tokio::spawn(sums())).await;
}

/// `unwrap` would say that a task panicked; this says what the task said.
async fn passes_on<T>(task: JoinHandle<T>) -> T {
    task.await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

async fn joins_all() {
    let mut tasks = JoinSet::new();
    tasks.spawn(sums());
    tasks.join_all().await;
}
// ANCHOR_END: panics

/// What `#[tokio::test]` does.
fn block_on(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(test);
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;
    use crate::verdict::run_failing_test;

    #[tokio::test]
    async fn the_run_shows_one_green_test_and_two_red_ones() {
        let seen = Transcript::of(run()).await.to_string();
        assert_eq!(seen.matches(": green").count(), 1, "{seen}");
        assert_eq!(seen.matches(": red").count(), 2, "{seen}");
    }

    #[tokio::test]
    async fn a_test_that_drops_the_handle_is_green() {
        assert_eq!(run_test(|| block_on(drops_the_handle())).await, Ok(()));
    }

    /// Else that test would be green for a task that never ran.
    #[test]
    fn the_task_has_failed_when_its_test_drops_the_handle() {
        block_on(async {
            let task = tokio::spawn(sums());
            tokio::task::yield_now().await;
            assert!(task.is_finished());
            assert!(task.await.is_err_and(|error| error.is_panic()));
        });
    }

    #[tokio::test]
    async fn a_test_that_awaits_its_tasks_fails_with_their_words() {
        let awaited = run_failing_test(|| block_on(awaits_the_handle())).await.unwrap();
        assert!(awaited.contains("sums are wrong"), "{awaited}");
        let joined = run_failing_test(|| block_on(joins_all())).await.unwrap();
        assert!(joined.contains("sums are wrong"), "{joined}");
    }

    // ANCHOR: tests
    /// Where the panic is what is wanted, it is asserted as a value.
    #[tokio::test]
    async fn a_page_that_is_not_there_is_a_bug_of_the_caller() {
        let pages: Vec<u32> = Vec::new();
        let task = tokio::spawn(async move { pages[7] });
        let error = task.await.unwrap_err();
        assert!(error.is_panic(), "{error}");
        assert!(error.to_string().contains("len is 0"), "{error}");
    }
    // ANCHOR_END: tests
}
