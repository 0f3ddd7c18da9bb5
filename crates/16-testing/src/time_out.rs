//! A limit of an hour is tested in no time, against a service that never answers.
//!
//! asyncio: the test waits for the limit, so tests of limits use short ones, and short ones fail
//! on a busy machine. Tokio: with a paused clock the test gives the real limit, and asserts that
//! the wait ended exactly then, that the work was dropped, and that a quick answer is let through.

use std::{future::pending, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, error::Elapsed, sleep, timeout};

/// Three services are asked: one answers in 100 ms, one in 500 ms, one never.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 300.ms(), 10.ms()..=1.secs());
    let quick = tokio::spawn(tell(limit, "quick", answers_after(100.ms())));
    let slow = tokio::spawn(tell(limit, "slow", answers_after(500.ms())));
    let silent = tokio::spawn(tell(limit, "silent", pending()));
    for told in [quick, slow, silent] {
        told.await?;
    }
    Ok(())
}

async fn tell(
    limit: Duration,
    name: &'static str,
    service: impl Future<Output = &'static str> + Send,
) {
    let start = Instant::now();
    let service = service.step("asking").lane(name);
    let answer = answer_within(limit, service).await;
    let seconds = start.elapsed().as_secs_f64();
    match answer {
        Ok(answer) => say!("{name}: {answer} after {seconds:.2} s"),
        Err(_) => say!("{name}: given up after {seconds:.2} s"),
    }
}

// ANCHOR: time_out
async fn answer_within(
    limit: Duration,
    service: impl Future<Output = &'static str>,
) -> Result<&'static str, Elapsed> {
    timeout(limit, service).await
}

async fn answers_after(delay: Duration) -> &'static str {
    sleep(delay).await;
    "an answer"
}
// ANCHOR_END: time_out

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_kit::{Transcript, virtual_time};

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    // ANCHOR: tests
    #[test]
    fn a_silent_service_is_given_up_after_exactly_an_hour() {
        virtual_time(async {
            let start = Instant::now();
            assert!(answer_within(HOUR, pending()).await.is_err());
            assert_eq!(start.elapsed(), HOUR);
        });
    }

    /// A millisecond on either side, and never on the limit itself: who wins there is the
    /// business of `timeout`, and not of this program.
    #[test]
    fn the_limit_lies_between_a_millisecond_less_and_a_millisecond_more() {
        virtual_time(async {
            let ms = Duration::from_millis(1);
            assert!(answer_within(HOUR, answers_after(HOUR - ms)).await.is_ok());
            assert!(answer_within(HOUR, answers_after(HOUR + ms)).await.is_err());
        });
    }

    #[test]
    fn what_was_given_up_is_dropped_and_not_left_running() {
        virtual_time(async {
            let held = Arc::new(());
            let holds = Arc::clone(&held);
            let service = async move {
                let _holds = holds;
                pending().await
            };
            assert!(answer_within(HOUR, service).await.is_err());
            assert_eq!(Arc::strong_count(&held), 1);
        });
    }
    // ANCHOR_END: tests

    #[test]
    fn the_quick_service_answers_and_two_are_given_up() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.100s] quick: an answer after 0.10 s",
            "[  0.300s] slow: given up after 0.30 s",
            "[  0.300s] silent: given up after 0.30 s",
        ]);
    }
}
