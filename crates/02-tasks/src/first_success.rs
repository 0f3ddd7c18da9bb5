//! The first success is not the first to finish: a failure must not win the race.
//!
//! asyncio: `wait(FIRST_COMPLETED)` returns a task that failed just as well, and its error
//! is raised although others would succeed. Tokio: `select!` has the same trap. `select_ok`
//! skips failures but keeps only the last; a `JoinSet` loop keeps every reason, and drains
//! the losers.

use async_kit::{Lane, Millis, knob, say};
use tokio::{task::JoinSet, time::sleep};

type Answer = anyhow::Result<&'static str>;

/// Four mirrors in the order of their speed; the first two are down, or as many as you like.
pub(crate) async fn run() -> anyhow::Result<()> {
    let down = knob("down", 2, 0..=4_usize);
    match first_success(mirrors(down)).await {
        Ok(mirror) => say!("{mirror} has it"),
        Err(errors) => say!("nobody has it: {}", reasons(&errors)),
    }
    Ok(())
}

fn mirrors(down: usize) -> JoinSet<Answer> {
    let names = ["oslo", "bern", "lima", "kyiv"];
    let call = |(n, name)| ask(name, n, n >= down).try_lane(name);
    names.into_iter().enumerate().map(call).collect()
}

// ANCHOR: first_success
async fn first_success(
    mut tasks: JoinSet<Answer>,
) -> Result<&'static str, Vec<anyhow::Error>> {
    let mut errors = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended.unwrap_or_else(|gone| Err(gone.into())) {
            Ok(answer) => {
                // Aborts the others and waits until the last of them is gone.
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

async fn ask(mirror: &'static str, n: usize, up: bool) -> Answer {
    sleep(50.ms() * (n as u32 + 1)).step("asking").await;
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
    fn the_losers_are_gone_when_the_winner_is_returned() {
        virtual_time(async {
            let alive = || Handle::current().metrics().num_alive_tasks();
            let before = alive();
            first_success(mirrors(0)).await.unwrap();
            assert_eq!(alive(), before);
        });
    }

    #[test]
    fn a_race_that_is_given_up_at_any_await_leaves_no_mirror_calling() {
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
        assert!(cuts >= 7, "three answers are waited for: {cuts} cuts");
    }

    #[test]
    fn if_all_fail_every_reason_is_known() {
        virtual_time(async {
            let errors = first_success(mirrors(4)).await.unwrap_err();
            let all = "oslo is down, bern is down, lima is down, kyiv is down";
            assert_eq!(reasons(&errors), all);
        });
    }

    #[test]
    fn select_ok_skips_failures_and_keeps_the_last_reason_only() {
        virtual_time(async {
            let ask = |n, up| ask("oslo", n, up).boxed();
            let (answer, losers) =
                select_ok([ask(0, false), ask(1, true), ask(2, true)]).await.unwrap();
            assert_eq!((answer, losers.len()), ("oslo", 1));
            assert!(select_ok([ask(0, false), ask(1, false)]).await.is_err());
        });
    }
}
