//! Waiting for the first task, for a while, or for the rest is a loop over one `JoinSet`.
//!
//! asyncio: `asyncio.wait` returns two sets without an order, raises nothing and looks at
//! no result, so a failure can stay unseen. Tokio: `join_next` yields one ended task at a
//! time, in the order in which they ended, each with its result, and a limit on it cancels
//! no task.

use std::{collections::HashMap, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{sleep, timeout},
};

type Tasks = JoinSet<anyhow::Result<u64>>;

/// Three mirrors; `oslo` fails. Wait for 50 ms, then for the first, then for the rest.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 50.ms(), 0.ms()..=500.ms());
    three_waits(limit).await
}

// ANCHOR: waiting
async fn three_waits(limit: Duration) -> anyhow::Result<()> {
    let mut tasks = Tasks::new();
    // A task has no name, but an id, even when there is no value because it was cancelled.
    let names: HashMap<Id, _> = [("bern", 200), ("oslo", 300), ("lima", 100)]
        .map(|(name, ms)| (tasks.spawn(ask(name, ms).try_lane(name)).id(), name))
        .into();

    match timeout(limit, tasks.join_next_with_id()).await {
        Ok(first) => report("in time", &names, first),
        Err(_) => say!("nothing yet: {} tasks still run", tasks.len()),
    }
    report("next", &names, tasks.join_next_with_id().await);
    while let rest @ Some(_) = tasks.join_next_with_id().await {
        report("the rest", &names, rest);
    }
    report("the end", &names, tasks.join_next_with_id().await);
    Ok(())
}
// ANCHOR_END: waiting

fn report(
    when: &str,
    names: &HashMap<Id, &str>,
    ended: Option<Result<(Id, anyhow::Result<u64>), JoinError>>,
) {
    match ended {
        Some(Ok((id, Ok(ms)))) => say!("{when}: {} answered after {ms} ms", names[&id]),
        Some(Ok((id, Err(error)))) => say!("{when}: {} failed, {error}", names[&id]),
        Some(Err(error)) => say!("{when}: {} has no result", names[&error.id()]),
        None => say!("{when}: no task is left"),
    }
}

async fn ask(name: &str, ms: u64) -> anyhow::Result<u64> {
    sleep(ms.ms()).step("asking").await;
    anyhow::ensure!(name != "oslo", "the line is dead");
    Ok(ms)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(limit: u64) -> Transcript {
        virtual_time(Transcript::of(three_waits(limit.ms())))
    }

    #[test]
    fn a_wait_that_is_given_up_cancels_nothing_and_loses_no_task() {
        for limit in [0, 50, 99] {
            let seen = seen(limit);
            seen.assert_at(limit.ms(), "nothing yet: 3 tasks still run");
            seen.assert_at(100.ms(), "next: lima answered after 100 ms");
            assert_eq!(seen.lines().len(), 5, "{seen}");
        }
    }

    #[test]
    fn tasks_are_heard_in_the_order_in_which_they_end() {
        seen(50).assert_lines([
            "[  0.050s] nothing yet: 3 tasks still run",
            "[  0.100s] next: lima answered after 100 ms",
            "[  0.200s] the rest: bern answered after 200 ms",
            "[  0.300s] the rest: oslo failed, the line is dead",
            "[  0.300s] the end: no task is left",
        ]);
    }

    #[test]
    fn a_failure_is_heard_without_asking_for_it() {
        for limit in [50, 150, 500] {
            let seen = seen(limit);
            let failed = |text: &str| text.ends_with("oslo failed, the line is dead");
            let heard = seen.lines().iter().filter(|line| failed(&line.text));
            assert_eq!(heard.count(), 1, "{seen}");
        }
    }

    #[test]
    fn a_cancelled_task_still_has_its_id() {
        virtual_time(async {
            let mut tasks = Tasks::new();
            let id = tasks.spawn(ask("bern", 200)).id();
            tasks.abort_all();
            let error = tasks.join_next_with_id().await.unwrap().unwrap_err();
            assert!(error.is_cancelled() && error.id() == id, "{error:?}");
        });
    }
}
