//! One `JoinSet` can wait for the first task, wait with a timeout, or wait for all remaining tasks.
//!
//! asyncio: `asyncio.wait` returns two unordered sets. It raises no error of a task, so a failure
//! can go unnoticed. Tokio: `join_next` returns one ended task at a time with its result, in the
//! order in which the tasks end. A timeout around it cancels no task.

use std::{collections::HashMap, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{sleep, timeout},
};

type Tasks = JoinSet<anyhow::Result<u64>>;

/// Calls three mirrors; `oslo` fails. Waits for 50 ms, then for the next task, then for the rest.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 50.ms(), 0.ms()..=500.ms());
    ask("limit=150ms", "which mirror answers in time, and when?");
    three_waits(limit).await
}

// ANCHOR: waiting
async fn three_waits(limit: Duration) -> anyhow::Result<()> {
    let mut tasks = Tasks::new();
    // A task has an id and no name. The id is known even if the task was cancelled.
    let names: HashMap<Id, _> = [("bern", 200), ("oslo", 300), ("lima", 100)]
        .map(|(name, ms)| (tasks.spawn(call(name, ms).try_lane(name)).id(), name))
        .into();

    match timeout(limit, tasks.join_next_with_id()).await {
        Ok(first) => report("in time", &names, first),
        Err(_) => say!("no result yet: {} tasks still run", tasks.len()),
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

async fn call(name: &str, ms: u64) -> anyhow::Result<u64> {
    sleep(ms.ms()).step("calling").await;
    anyhow::ensure!(name != "oslo", "the connection is lost");
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
    fn a_wait_that_times_out_cancels_nothing_and_loses_no_task() {
        for limit in [0, 50, 99] {
            let seen = seen(limit);
            seen.assert_at(limit.ms(), "no result yet: 3 tasks still run");
            seen.assert_at(100.ms(), "next: lima answered after 100 ms");
            assert_eq!(seen.lines().len(), 5, "{seen}");
        }
    }

    #[test]
    fn tasks_are_reported_in_the_order_in_which_they_end() {
        seen(50).assert_lines([
            "[  0.050s] no result yet: 3 tasks still run",
            "[  0.100s] next: lima answered after 100 ms",
            "[  0.200s] the rest: bern answered after 200 ms",
            "[  0.300s] the rest: oslo failed, the connection is lost",
            "[  0.300s] the end: no task is left",
        ]);
    }

    #[test]
    fn a_failure_is_reported_exactly_once_for_every_limit() {
        for limit in [50, 150, 500] {
            let seen = seen(limit);
            let failed =
                |text: &str| text.ends_with("oslo failed, the connection is lost");
            let failures = seen.lines().iter().filter(|line| failed(&line.text));
            assert_eq!(failures.count(), 1, "{seen}");
        }
    }

    #[test]
    fn a_cancelled_task_still_has_its_id() {
        virtual_time(async {
            let mut tasks = Tasks::new();
            let id = tasks.spawn(call("bern", 200)).id();
            tasks.abort_all();
            let error = tasks.join_next_with_id().await.unwrap().unwrap_err();
            assert!(error.is_cancelled() && error.id() == id, "{error:?}");
        });
    }
}
