//! Runs a test as the test harness does, so that a section can show a test that fails.
//!
//! The test runs on its own thread, outside any runtime, and fails if it panics. It is used by
//! `virtual_clock`, `transcript`, `every_cut`, `deadlock`, `panics`, `properties` and `orders`.
#![cfg(not(target_family = "wasm"))]

use std::{panic, sync::Once, thread};

use async_kit::monitor::panic_text;
use tokio::task::spawn_blocking;

/// The thread name of a test. The panic hook recognises a test by it.
const TEST_THREAD: &str = "test of a section";

/// A test failed, with this panic message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failed(String);

/// Runs a test, and returns its result.
pub(crate) async fn run_test<T: Send + 'static>(
    test: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failed> {
    silence_panics_of_tests();
    let test = thread::Builder::new().name(TEST_THREAD.to_owned()).spawn(test);
    let test = test.expect("a thread for the test");
    let ended = spawn_blocking(move || test.join()).await;
    ended
        .expect("joining does not panic")
        .map_err(|panic| Failed(panic_text(&*panic).to_owned()))
}

/// Runs a test that must fail, and returns its panic message.
pub(crate) async fn run_failing_test<T: Send + 'static>(
    test: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<String> {
    match run_test(test).await {
        Ok(_) => anyhow::bail!("the test passed, but it should have failed"),
        Err(Failed(message)) => Ok(message),
    }
}

/// The section prints the message of a test that fails on purpose, so stderr must not repeat it.
fn silence_panics_of_tests() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default_hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(TEST_THREAD) {
                default_hook(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_test_returns_its_message_and_a_passed_one_its_value() {
        let failed = run_failing_test(|| assert_eq!(1 + 1, 3, "sums")).await.unwrap();
        assert!(failed.contains("sums"), "{failed}");
        assert_eq!(run_test(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_test_that_should_fail_but_passes_is_an_error() {
        assert!(run_failing_test(|| 7).await.is_err());
    }

    #[tokio::test]
    async fn a_test_runs_outside_any_runtime() {
        let inside = run_test(|| tokio::runtime::Handle::try_current().is_ok()).await;
        assert_eq!(inside, Ok(false));
    }
}
