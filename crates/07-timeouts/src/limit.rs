//! At its limit a wait ends, and the work that it waited for is dropped.
//!
//! asyncio: `asyncio.timeout(0.2)`, or `wait_for(work, 0.2)`, raises `TimeoutError`. Tokio:
//! `timeout(limit, work)` is a `Result`, which nobody can use without asking whether there was
//! an answer. "I do not know" is `Err(Elapsed)`, and is never taken for "there is none".

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{error::Elapsed, sleep, timeout};

/// Three look-ups take 100, 150 and 500 ms. With a limit of 200 ms, the last gets no answer.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    three_look_ups(limit).await
}

async fn three_look_ups(limit: Duration) -> anyhow::Result<()> {
    let ask = |name, takes| tokio::spawn(age_within(limit, name, takes));
    let asked = [ask("ada", 100.ms()), ask("bob", 150.ms()), ask("eve", 500.ms())];
    for asked in asked {
        // What became of it was said, and a look-up in vain fails no section.
        let _ = asked.await?;
    }
    Ok(())
}

// ANCHOR: limit
async fn age_within(limit: Duration, name: &'static str, takes: Duration) -> Answer {
    let answer = timeout(limit, age(name, takes).lane(name)).await;
    match &answer {
        Ok(Some(age)) => say!("{name} is {age}"),
        Ok(None) => say!("nobody is called {name}"),
        Err(_) => say!("no answer about {name} in time"),
    }
    answer
}

type Answer = Result<Option<u32>, Elapsed>;

async fn age(name: &str, takes: Duration) -> Option<u32> {
    say!("looks it up");
    sleep(takes).step("looking up").await;
    say!("is back");
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
    /// eve ████████████⊘           (would be back here)
    /// ```
    #[test]
    fn at_its_limit_a_wait_ends_and_the_work_never_goes_on() {
        virtual_time(async {
            let seen = Transcript::of(async {
                run().await?;
                sleep(1.secs()).await;
                anyhow::Ok(())
            });
            seen.await.assert_lines([
                "[  0.000s] ada looks it up",
                "[  0.000s] bob looks it up",
                "[  0.000s] eve looks it up",
                "[  0.100s] ada is back",
                "[  0.100s] ada is 36",
                "[  0.150s] bob is back",
                "[  0.150s] nobody is called bob",
                "[  0.200s] no answer about eve in time",
            ]);
        });
    }

    #[test]
    fn at_any_limit_who_needs_longer_never_comes_back_and_the_others_do() {
        for (limit, in_time, last) in [(10, 0, 10), (120, 1, 120), (1000, 3, 500)] {
            let asked = async move {
                three_look_ups(limit.ms()).await?;
                sleep(1.secs()).await;
                anyhow::Ok(())
            };
            let seen = virtual_time(Transcript::of(asked));
            let back = seen.lines().iter().filter(|line| line.text == "is back");
            assert_eq!(back.count(), in_time, "{seen}");
            let given_up =
                seen.lines().iter().filter(|line| line.text.starts_with("no answer"));
            let given_up: Vec<_> = given_up.map(|line| line.at).collect();
            assert_eq!(given_up, vec![limit.ms(); 3 - in_time], "{seen}");
            assert_eq!(seen.lines().last().unwrap().at, last.ms(), "{seen}");
        }
    }

    #[test]
    fn no_answer_in_time_is_not_the_answer_none() {
        virtual_time(async {
            assert_eq!(age_within(200.ms(), "bob", 150.ms()).await, Ok(None));
            assert!(age_within(200.ms(), "bob", 250.ms()).await.is_err());
        });
    }
}
