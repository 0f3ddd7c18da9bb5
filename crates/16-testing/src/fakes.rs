//! Code that takes a trait can be tested with a fake, and the compiler checks the fake's types.
//!
//! asyncio: `mocker.patch("module.fetch")` finds the function by its name in a string, and replaces
//! it with an untyped `AsyncMock`. If its return value is a `Future`, awaiting the mock returns that
//! `Future` itself, and the code continues with it. Tokio: nothing is patched. The code takes any
//! type that implements a trait, and a fake that returns the wrong type does not compile.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// Two reports fetch from a fake source, which answers the first call and fails the second.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fake = FakeSource::new([Ok("mocked_data"), Err(SourceError::Offline)]);
    for key in ["sales", "stock"] {
        match report(&fake, key).try_lane(key).await {
            Ok(text) => say!("the report is {text}"),
            Err(error) => say!("no report: {error}"),
        }
    }
    say!("the fake was called with {}", fake.calls().join(" and "));
    Ok(())
}

// ANCHOR: fakes
trait Source {
    fn fetch(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<String, SourceError>> + Send;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum SourceError {
    #[error("the source is offline")]
    Offline,
}

async fn report(source: &impl Source, key: &str) -> Result<String, SourceError> {
    let data = source.fetch(key).await?;
    Ok(format!("processed_{data}"))
}
// ANCHOR_END: fakes

// ANCHOR: fake
/// Answers from a list, and records its calls.
struct FakeSource {
    answers: Mutex<VecDeque<Result<&'static str, SourceError>>>,
    calls: Mutex<Vec<String>>,
}

impl Source for FakeSource {
    async fn fetch(&self, key: &str) -> Result<String, SourceError> {
        lock(&self.calls).push(key.to_owned());
        // The real source waits here, and other tasks run. A fake that never waits would hide this.
        sleep(20.ms()).step("fetching").await;
        let answer = lock(&self.answers).pop_front();
        answer.expect("an answer for every call").map(str::to_owned)
    }
}
// ANCHOR_END: fake

impl FakeSource {
    fn new(answers: impl IntoIterator<Item = Result<&'static str, SourceError>>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        Self { answers, calls: Mutex::default() }
    }

    fn calls(&self) -> Vec<String> {
        lock(&self.calls).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    // ANCHOR: tests
    #[tokio::test(start_paused = true)]
    async fn a_report_contains_the_fetched_data() {
        let fake = FakeSource::new([Ok("mocked_data")]);
        let text = report(&fake, "sales").await;
        assert_eq!(text.as_deref(), Ok("processed_mocked_data"));
        assert_eq!(fake.calls(), ["sales"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_offline_source_makes_the_report_fail() {
        let fake = FakeSource::new([Err(SourceError::Offline)]);
        assert_eq!(report(&fake, "sales").await, Err(SourceError::Offline));
    }

    /// A fake may be very small: this one only waits.
    struct SilentSource;

    impl Source for SilentSource {
        async fn fetch(&self, _: &str) -> Result<String, SourceError> {
            pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_waits_for_a_silent_source_until_the_caller_times_out() {
        assert!(timeout(60.secs(), report(&SilentSource, "sales")).await.is_err());
    }
    // ANCHOR_END: tests

    #[test]
    fn each_report_calls_the_fake_once() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.020s] the report is processed_mocked_data",
            "[  0.040s] no report: the source is offline",
            "[  0.040s] the fake was called with sales and stock",
        ]);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "an answer for every call")]
    async fn a_call_for_which_the_test_has_no_answer_fails_the_test() {
        let _ = report(&FakeSource::new([]), "sales").await;
    }
}
