//! A failed assertion in a spawned task does not fail the test, unless the test awaits the task.
//!
//! asyncio: the same, and "Task exception was never retrieved" is logged when the garbage
//! collector finds the task. Tokio: a panic ends only its task, and the handle stores the panic. If
//! the handle is dropped, only a message on stderr remains, and the test passes.
#![cfg(not(target_family = "wasm"))]

use std::panic;

use async_kit::say;
use tokio::{
    runtime::Builder,
    task::{JoinHandle, JoinSet},
};

use crate::harness::{Failed, run_test};

/// Three tests spawn the same task, whose assertion fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    let dropped = run_test(|| block_on(drop_the_handle()));
    say!("the test drops the handle: {}", outcome(dropped.await));
    let awaited = run_test(|| block_on(await_the_handle()));
    say!("the test awaits the handle: {}", outcome(awaited.await));
    let joined = run_test(|| block_on(join_the_set()));
    say!("the test joins a set: {}", outcome(joined.await));
    Ok(())
}

fn outcome(test: Result<(), Failed>) -> String {
    match test {
        Ok(()) => "green, although the assertion failed".to_owned(),
        Err(failed) => {
            format!("red, {}", failed.to_string().lines().next().unwrap_or_default())
        }
    }
}

// ANCHOR: panics
async fn failing_assertion() {
    assert_eq!(1 + 1, 3, "the sum is wrong");
}

async fn drop_the_handle() {
    tokio::spawn(failing_assertion());
    tokio::task::yield_now().await;
}

async fn await_the_handle() {
    propagate_panic(tokio::spawn(failing_assertion())).await;
}

/// `unwrap` would report only that a task panicked. This function continues the panic itself.
async fn propagate_panic<T>(task: JoinHandle<T>) -> T {
    task.await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

async fn join_the_set() {
    let mut tasks = JoinSet::new();
    tasks.spawn(failing_assertion());
    tasks.join_all().await;
}
// ANCHOR_END: panics

/// Does what `#[tokio::test]` does.
fn block_on(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(test);
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;
    use crate::harness::run_failing_test;

    #[tokio::test]
    async fn the_run_shows_one_green_test_and_two_red_ones() {
        let seen = Transcript::of(run()).await.to_string();
        assert_eq!(seen.matches(": green").count(), 1, "{seen}");
        assert_eq!(seen.matches(": red").count(), 2, "{seen}");
    }

    #[tokio::test]
    async fn a_test_that_drops_the_handle_is_green() {
        assert_eq!(run_test(|| block_on(drop_the_handle())).await, Ok(()));
    }

    /// Without this test, the test above could also pass because the task never ran.
    #[test]
    fn the_task_has_failed_when_the_test_drops_the_handle() {
        block_on(async {
            let task = tokio::spawn(failing_assertion());
            tokio::task::yield_now().await;
            assert!(task.is_finished());
            assert!(task.await.is_err_and(|error| error.is_panic()));
        });
    }

    #[tokio::test]
    async fn a_test_that_awaits_its_task_fails_with_the_message_of_the_task() {
        let awaited = run_failing_test(|| block_on(await_the_handle())).await.unwrap();
        assert!(awaited.contains("the sum is wrong"), "{awaited}");
        let joined = run_failing_test(|| block_on(join_the_set())).await.unwrap();
        assert!(joined.contains("the sum is wrong"), "{joined}");
    }

    // ANCHOR: tests
    /// If the panic is expected, the test asserts it as a value.
    #[tokio::test]
    async fn an_index_out_of_range_panics() {
        let pages: Vec<u32> = Vec::new();
        let task = tokio::spawn(async move { pages[7] });
        let error = task.await.unwrap_err();
        assert!(error.is_panic(), "{error}");
        assert!(error.to_string().contains("len is 0"), "{error}");
    }
    // ANCHOR_END: tests
}
