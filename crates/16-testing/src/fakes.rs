//! Code that asks for a trait can be tested with a fake, and the compiler keeps the fake honest.
//!
//! asyncio: `mocker.patch("module.fetch")` finds the function by its name in a string, and gives
//! an `AsyncMock` of no type: with a `Future` as its return value, awaiting it gives that very
//! `Future`, and the code goes on with it. Tokio: nothing is patched. The code takes whatever
//! implements a trait, and a fake that answers with the wrong type does not compile.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// A report asks a source twice: the fake answers once, and then fails.
pub(crate) async fn run() -> anyhow::Result<()> {
    let fake = Fake::answering([Ok("mocked_data"), Err(SourceError::Offline)]);
    for key in ["sales", "stock"] {
        match report(&fake, key).try_lane(key).await {
            Ok(text) => say!("the report is {text}"),
            Err(error) => say!("no report: {error}"),
        }
    }
    say!("the fake was asked for {}", fake.asked().join(" and "));
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
/// Answers from a list, and remembers what it was asked.
struct Fake {
    answers: Mutex<VecDeque<Result<&'static str, SourceError>>>,
    asked: Mutex<Vec<String>>,
}

impl Source for Fake {
    async fn fetch(&self, key: &str) -> Result<String, SourceError> {
        lock(&self.asked).push(key.to_owned());
        // A fake that never waits hides what happens while the real one does.
        sleep(20.ms()).step("fetching").await;
        let answer = lock(&self.answers).pop_front();
        answer.expect("an answer for every question").map(str::to_owned)
    }
}
// ANCHOR_END: fake

impl Fake {
    fn answering(
        answers: impl IntoIterator<Item = Result<&'static str, SourceError>>,
    ) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        Self { answers, asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<String> {
        lock(&self.asked).clone()
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
    async fn a_report_is_made_of_the_data_and_not_of_its_future() {
        let fake = Fake::answering([Ok("mocked_data")]);
        let text = report(&fake, "sales").await;
        assert_eq!(text.as_deref(), Ok("processed_mocked_data"));
        assert_eq!(fake.asked(), ["sales"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_is_offline_leaves_no_report() {
        let fake = Fake::answering([Err(SourceError::Offline)]);
        assert_eq!(report(&fake, "sales").await, Err(SourceError::Offline));
    }

    /// The smallest fake is one that does a single thing wrong.
    struct Silent;

    impl Source for Silent {
        async fn fetch(&self, _: &str) -> Result<String, SourceError> {
            pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_source_is_waited_for_as_long_as_the_caller_allows() {
        assert!(timeout(60.secs(), report(&Silent, "sales")).await.is_err());
    }
    // ANCHOR_END: tests

    #[test]
    fn the_fake_is_asked_once_for_each_report() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.020s] the report is processed_mocked_data",
            "[  0.040s] no report: the source is offline",
            "[  0.040s] the fake was asked for sales and stock",
        ]);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "an answer for every question")]
    async fn a_question_that_the_test_did_not_foresee_fails_it() {
        let _ = report(&Fake::answering([]), "sales").await;
    }
}
