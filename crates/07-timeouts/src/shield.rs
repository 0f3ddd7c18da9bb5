//! A limit around the handle of a task gives up the wait, and not the work.
//!
//! asyncio: `await task` under a limit cancels the task too, unless it is wrapped in
//! `asyncio.shield`. Tokio: a future is dropped at the limit, but a task is not, since what is
//! dropped is only its handle. That shields a payment from being cut off half-way; and it leaves
//! work running that was meant to be stopped, when a `spawn` slips into a `timeout`.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    task::JoinError,
    time::{sleep, timeout},
};

/// Two payments of 300 ms, with a limit of 200 ms; one is a future, the other a task.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    let future = tokio::spawn(future_within(limit));
    let task = tokio::spawn(task_within(limit));
    future.await?;
    task.await??;
    Ok(())
}

// ANCHOR: shield
async fn future_within(limit: Duration) {
    if timeout(limit, pay().lane("future")).await.is_err() {
        say!("the future was cut off: paid, and nothing delivered");
    }
}

async fn task_within(limit: Duration) -> Result<(), JoinError> {
    let mut payment = tokio::spawn(pay().lane("task"));
    if let Ok(paid) = timeout(limit, &mut payment).await {
        return paid;
    }
    say!("the task is late, and goes on");
    payment.await?;
    say!("the task is done after all");
    Ok(())
}

async fn pay() {
    say!("takes the money");
    sleep(300.ms()).step("half done").await;
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
    fn at_the_limit_a_future_is_cut_off_and_a_task_goes_on() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] future takes the money",
                "[  0.000s] task takes the money",
                "[  0.200s] the future was cut off: paid, and nothing delivered",
                "[  0.200s] the task is late, and goes on",
                "[  0.300s] task delivers",
                "[  0.300s] the task is done after all",
            ]);
        });
    }

    #[test]
    fn at_any_limit_the_task_delivers_and_the_future_only_in_time() {
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
    fn in_time_both_deliver() {
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
