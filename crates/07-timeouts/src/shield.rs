//! A timeout around a task's handle ends the wait, but the task keeps running.
//!
//! asyncio: a timeout around `await task` cancels the task too, unless it is wrapped in
//! `asyncio.shield`. Tokio: if a timeout waits for a task, it drops only the handle, and the
//! task keeps running. So a payment in a task is not dropped in the middle. But if you `spawn` inside
//! a `timeout` by mistake, work that should have stopped keeps running too.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    task::JoinError,
    time::{sleep, timeout},
};

/// Two payments of 300 ms, each with a timeout of 200 ms: the first is a future, the second a task.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    ask("limit=100ms", "when does the task deliver?");
    let future = tokio::spawn(future_within(limit));
    let task = tokio::spawn(task_within(limit));
    future.await?;
    task.await??;
    Ok(())
}

// ANCHOR: shield
async fn future_within(limit: Duration) {
    if timeout(limit, pay().lane("future")).await.is_err() {
        say!("the future was dropped: paid, but nothing delivered");
    }
}

async fn task_within(limit: Duration) -> Result<(), JoinError> {
    let mut payment = tokio::spawn(pay().lane("task"));
    if let Ok(paid) = timeout(limit, &mut payment).await {
        return paid;
    }
    say!("the task is late, and keeps running");
    payment.await?;
    say!("the task is done now");
    Ok(())
}

async fn pay() {
    say!("takes the money");
    sleep(300.ms()).step("paid, not delivered").await;
    say!("delivers");
}
// ANCHOR_END: shield

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0           200    300
    /// future  ████⊘
    /// task    ███████████✓
    /// ```
    #[test]
    fn at_the_timeout_a_future_is_dropped_and_a_task_keeps_running() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] future takes the money",
                "[  0.000s] task takes the money",
                "[  0.200s] the future was dropped: paid, but nothing delivered",
                "[  0.200s] the task is late, and keeps running",
                "[  0.300s] task delivers",
                "[  0.300s] the task is done now",
            ]);
        });
    }

    #[test]
    fn the_task_always_delivers_and_the_future_only_before_its_timeout() {
        for (limit, in_time) in [(10, false), (299, false), (301, true), (1000, true)] {
            let future = virtual_time(Transcript::of(future_within(limit.ms())));
            let delivers = |line: &str| line == "[  0.300s] future delivers";
            let delivered = future.to_string().lines().any(delivers);
            assert_eq!(delivered, in_time, "{future}");
            let task = virtual_time(Transcript::of(task_within(limit.ms())));
            task.assert_at(300.ms(), "task delivers");
        }
    }

    #[test]
    fn before_the_timeout_both_deliver() {
        virtual_time(async {
            let seen = Transcript::of(async {
                future_within(400.ms()).await;
                task_within(400.ms()).await
            });
            seen.await.assert_lines([
                "[  0.000s] future takes the money",
                "[  0.300s] future delivers",
                "[  0.300s] task takes the money",
                "[  0.600s] task delivers",
            ]);
        });
    }
}
