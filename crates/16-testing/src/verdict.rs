//! A test runs on a thread of its own, outside any runtime, and its panic is its verdict.
//!
//! What the test harness does, so that a section can show a test that fails.
#![cfg(not(target_family = "wasm"))]

use std::{any::Any, panic, sync::Once, thread};

use tokio::task::spawn_blocking;

/// The name of such a thread, by which its panics are known.
const UNDER_TEST: &str = "under test";

/// The message with which a test panicked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failed(String);

/// Runs a test, and returns what it returns.
pub(crate) async fn run_test<T: Send + 'static>(
    test: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failed> {
    keep_reports_for_the_section();
    let test = thread::Builder::new().name(UNDER_TEST.to_owned()).spawn(test);
    let test = test.expect("a thread for the test");
    let ended = spawn_blocking(move || test.join()).await;
    ended.expect("joining does not panic").map_err(|panic| Failed(message(&*panic)))
}

/// Runs a test that is to fail, and returns what it says.
pub(crate) async fn run_failing_test<T: Send + 'static>(
    test: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<String> {
    match run_test(test).await {
        Ok(_) => anyhow::bail!("a test that was to fail has passed"),
        Err(Failed(message)) => Ok(message),
    }
}

/// Else the report of a test that fails on purpose would stand on stderr as well.
fn keep_reports_for_the_section() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(UNDER_TEST) {
                report(panic);
            }
        }));
    });
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    text.unwrap_or_else(|| "something that is no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_test_that_panics_is_told_by_its_message_and_another_by_its_value() {
        let failed = run_failing_test(|| assert_eq!(1 + 1, 3, "sums")).await.unwrap();
        assert!(failed.contains("sums"), "{failed}");
        assert_eq!(run_test(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_test_that_was_to_fail_and_passes_is_an_error() {
        assert!(run_failing_test(|| 7).await.is_err());
    }

    #[tokio::test]
    async fn a_test_is_outside_any_runtime() {
        let inside = run_test(|| tokio::runtime::Handle::try_current().is_ok()).await;
        assert_eq!(inside, Ok(false));
    }
}
