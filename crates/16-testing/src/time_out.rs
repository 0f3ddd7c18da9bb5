//! In virtual time a test can use the real timeout of an hour, with a service that never answers.
//!
//! asyncio: the test waits for the timeout, so tests use short timeouts, which fail on a busy
//! machine. Tokio: with a paused clock the test uses the real timeout. It asserts that the wait ended
//! exactly at the timeout, that the work was dropped, and that an earlier answer is returned.

use std::{future::pending, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Instant, error::Elapsed, sleep, timeout};

/// Calls three services: one answers after 100 ms, one answers after 500 ms, and one never answers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 300.ms(), 10.ms()..=1.secs());
    ask("limit=700ms", "which service still times out, and when?");
    let quick = tokio::spawn(report(limit, "quick service", answer_after(100.ms())));
    let slow = tokio::spawn(report(limit, "slow service", answer_after(500.ms())));
    let silent = tokio::spawn(report(limit, "silent service", pending()));
    for task in [quick, slow, silent] {
        task.await?;
    }
    Ok(())
}

async fn report(
    limit: Duration,
    name: &'static str,
    service: impl Future<Output = &'static str> + Send,
) {
    let start = Instant::now();
    let service = service.step("calling").lane(name);
    let answer = answer_within(limit, service).await;
    let seconds = start.elapsed().as_secs_f64();
    match answer {
        Ok(answer) => say!("{name}: {answer} after {seconds:.2} s"),
        Err(_) => say!("{name}: timed out after {seconds:.2} s"),
    }
}

// ANCHOR: time_out
async fn answer_within(
    limit: Duration,
    service: impl Future<Output = &'static str>,
) -> Result<&'static str, Elapsed> {
    timeout(limit, service).await
}

async fn answer_after(delay: Duration) -> &'static str {
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
    fn a_silent_service_times_out_after_exactly_an_hour() {
        virtual_time(async {
            let start = Instant::now();
            assert!(answer_within(HOUR, pending()).await.is_err());
            assert_eq!(start.elapsed(), HOUR);
        });
    }

    /// One millisecond before and one after the limit, but never exactly at the limit: there the
    /// result depends on how `timeout` polls, not on this program.
    #[test]
    fn the_limit_is_an_hour_and_not_a_millisecond_more_or_less() {
        virtual_time(async {
            let ms = Duration::from_millis(1);
            assert!(answer_within(HOUR, answer_after(HOUR - ms)).await.is_ok());
            assert!(answer_within(HOUR, answer_after(HOUR + ms)).await.is_err());
        });
    }

    #[test]
    fn a_timeout_drops_the_work_and_does_not_leave_it_running() {
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
    fn the_quick_service_answers_and_the_other_two_time_out() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.100s] quick service: an answer after 0.10 s",
            "[  0.300s] slow service: timed out after 0.30 s",
            "[  0.300s] silent service: timed out after 0.30 s",
        ]);
    }
}
