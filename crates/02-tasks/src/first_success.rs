//! The first task to finish may have failed: to get the first success, keep waiting after a failure.
//!
//! asyncio: `wait(FIRST_COMPLETED)` also returns a task that failed, and its error is raised
//! although another task would succeed. Tokio: `select!` has the same problem. `select_ok` skips
//! failures but keeps only the last error. A loop over a `JoinSet` keeps every error, and waits
//! until the losers have ended.

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};

type Answer = anyhow::Result<&'static str>;

/// Calls four mirrors, in the order of their speed. The first `down` mirrors fail.
pub(crate) async fn run() -> anyhow::Result<()> {
    let down = knob("down", 2, 0..=4_usize);
    ask("down=4", "how many of the four errors are reported?");
    match first_success(mirrors(down)).await {
        Ok(mirror) => say!("{mirror} has it"),
        Err(errors) => say!("no mirror has it: {}", reasons(&errors)),
    }
    Ok(())
}

fn mirrors(down: usize) -> JoinSet<Answer> {
    let names = ["oslo", "bern", "lima", "kyiv"];
    let call = |(n, name)| call(name, n, n >= down).try_lane(name);
    names.into_iter().enumerate().map(call).collect()
}

// ANCHOR: first_success
async fn first_success(
    mut tasks: JoinSet<Answer>,
) -> Result<&'static str, Vec<anyhow::Error>> {
    let mut errors = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended.unwrap_or_else(|panicked| Err(panicked.into())) {
            Ok(answer) => {
                // Aborts the other tasks and waits until all of them have ended.
                tasks.shutdown().await;
                return Ok(answer);
            }
            Err(error) => errors.push(error),
        }
    }
    Err(errors)
}
// ANCHOR_END: first_success

fn reasons(errors: &[anyhow::Error]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

async fn call(mirror: &'static str, n: usize, up: bool) -> Answer {
    sleep(50.ms() * (n as u32 + 1)).step("calling").await;
    if !up {
        say!("is down");
        anyhow::bail!("{mirror} is down");
    }
    Ok(mirror)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};
    use futures::{
        FutureExt,
        future::{pending, select_ok},
    };
    use tokio::runtime::Handle;

    use super::*;

    /// ```text
    ///       0    50   100  150
    /// oslo  ●████✗
    /// bern  ●█████████✗
    /// lima  ●██████████████✓
    /// kyiv  ●██████████████⊘
    /// ```
    #[test]
    fn a_failure_does_not_win_the_race() {
        virtual_time(async {
            for (down, winner) in ["oslo", "bern", "lima", "kyiv"].iter().enumerate() {
                let race = async move { first_success(mirrors(down)).await };
                let (seen, answer) = Transcript::with_output(race).await;
                assert_eq!(answer.unwrap(), *winner, "{seen}");
                assert_eq!(seen.elapsed(), 50.ms() * (down as u32 + 1), "{seen}");
            }
        });
    }

    #[test]
    fn no_loser_is_alive_when_the_winner_is_returned() {
        virtual_time(async {
            let alive = || Handle::current().metrics().num_alive_tasks();
            let before = alive();
            first_success(mirrors(0)).await.unwrap();
            assert_eq!(alive(), before);
        });
    }

    #[test]
    fn a_race_that_is_cancelled_at_any_await_leaves_no_task_alive() {
        let cuts = cancel_at_every_await(
            async || {},
            async |()| {
                let mut tasks = mirrors(2);
                tasks.spawn(pending());
                first_success(tasks).await
            },
            async |(), cut| {
                let alive = Handle::current().metrics().num_alive_tasks();
                assert_eq!(alive, 0, "tasks still alive: {cut}");
            },
        );
        assert!(cuts >= 7, "the race waits for three answers: {cuts} cuts");
    }

    #[test]
    fn if_all_mirrors_fail_every_error_is_returned() {
        virtual_time(async {
            let errors = first_success(mirrors(4)).await.unwrap_err();
            let all = "oslo is down, bern is down, lima is down, kyiv is down";
            assert_eq!(reasons(&errors), all);
        });
    }

    #[test]
    fn select_ok_skips_failures_and_keeps_only_the_last_error() {
        virtual_time(async {
            let call = |n, up| call("oslo", n, up).boxed();
            let (answer, losers) =
                select_ok([call(0, false), call(1, true), call(2, true)]).await.unwrap();
            assert_eq!((answer, losers.len()), ("oslo", 1));
            assert!(select_ok([call(0, false), call(1, false)]).await.is_err());
        });
    }
}
