//! When a timeout expires, the wait ends, and the work that it waited for is dropped.
//!
//! asyncio: `asyncio.timeout(0.2)`, or `wait_for(work, 0.2)`, raises `TimeoutError`. Tokio:
//! `timeout(limit, work)` returns a `Result`, so the caller has to check whether there is an
//! answer. An unknown answer is `Err(Elapsed)`, and cannot be confused with the answer `None`.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{error::Elapsed, sleep, timeout};

/// Three look-ups take 100, 150 and 500 ms. With a timeout of 200 ms, the last has no answer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    ask("limit=120ms", "is there no bob, or no answer about bob?");
    three_look_ups(limit).await
}

async fn three_look_ups(limit: Duration) -> anyhow::Result<()> {
    let start = |name, takes| tokio::spawn(age_within(limit, name, takes));
    let tasks = [start("ada", 100.ms()), start("bob", 150.ms()), start("eve", 500.ms())];
    for task in tasks {
        // Ignore the error: `age_within` has printed it, and the section continues.
        let _ = task.await?;
    }
    Ok(())
}

// ANCHOR: limit
async fn age_within(limit: Duration, name: &'static str, takes: Duration) -> Answer {
    let answer = timeout(limit, age(name, takes).lane(name)).await;
    match &answer {
        Ok(Some(age)) => say!("{name} is {age}"),
        Ok(None) => say!("there is no {name}"),
        Err(_) => say!("no answer about {name} before the timeout"),
    }
    answer
}

type Answer = Result<Option<u32>, Elapsed>;

async fn age(name: &str, takes: Duration) -> Option<u32> {
    say!("look-up starts");
    sleep(takes).step("looking up").await;
    say!("look-up ends");
    (name != "bob").then_some(36)
}
// ANCHOR_END: limit

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0      100    200    ...    500
    /// ada ██████✓
    /// bob █████████✓
    /// eve ████████████⊘           (would end here)
    /// ```
    #[test]
    fn when_the_timeout_expires_the_wait_ends_and_the_work_never_continues() {
        virtual_time(async {
            let seen = Transcript::of(async {
                run().await?;
                sleep(1.secs()).await;
                anyhow::Ok(())
            });
            seen.await.assert_lines([
                "[  0.000s] ada look-up starts",
                "[  0.000s] bob look-up starts",
                "[  0.000s] eve look-up starts",
                "[  0.100s] ada look-up ends",
                "[  0.100s] ada is 36",
                "[  0.150s] bob look-up ends",
                "[  0.150s] there is no bob",
                "[  0.200s] no answer about eve before the timeout",
            ]);
        });
    }

    #[test]
    fn with_any_limit_exactly_the_look_ups_that_need_longer_never_end() {
        for (limit, in_time, last) in [(10, 0, 10), (120, 1, 120), (1000, 3, 500)] {
            let look_ups = async move {
                three_look_ups(limit.ms()).await?;
                sleep(1.secs()).await;
                anyhow::Ok(())
            };
            let seen = virtual_time(Transcript::of(look_ups));
            let ended = seen.lines().iter().filter(|line| line.text == "look-up ends");
            assert_eq!(ended.count(), in_time, "{seen}");
            let timed_out =
                seen.lines().iter().filter(|line| line.text.starts_with("no answer"));
            let timed_out: Vec<_> = timed_out.map(|line| line.at).collect();
            assert_eq!(timed_out, vec![limit.ms(); 3 - in_time], "{seen}");
            assert_eq!(seen.lines().last().unwrap().at, last.ms(), "{seen}");
        }
    }

    #[test]
    fn a_timeout_is_not_the_answer_none() {
        virtual_time(async {
            assert_eq!(age_within(200.ms(), "bob", 150.ms()).await, Ok(None));
            assert!(age_within(200.ms(), "bob", 250.ms()).await.is_err());
        });
    }
}
