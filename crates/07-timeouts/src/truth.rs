//! Whoever stops a task hears what really became of it, even if it had already ended.
//!
//! asyncio: `cancel()`, then `except CancelledError: print("cancelled")` around `await task`
//! says so of a task that ended long ago, and swallows a cancel that was meant for the caller.
//! Tokio: `abort` changes nothing about a task that has ended, and its `JoinHandle` still
//! returns the value; whoever is cancelled while waiting is dropped, with nothing to swallow.

use std::{panic::resume_unwind, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// Both tasks are stopped after 200 ms; the first has ended by then.
pub(crate) async fn run() -> anyhow::Result<()> {
    let after = knob("after", 200.ms(), 0.ms()..=1.secs());
    stop_after(after).await;
    Ok(())
}

// ANCHOR: truth
async fn stop_after(pause: Duration) {
    // A dropped `JoinHandle` lets its task run on; this one takes the task with it.
    let start =
        |name, takes| AbortOnDropHandle::new(tokio::spawn(operation(takes).lane(name)));
    let (quick, slow) = (start("quick", 100.ms()), start("slow", 500.ms()));
    sleep(pause).await;
    for (name, task) in [("quick", quick), ("slow", slow)] {
        match stop(task).await {
            Stopped::Ended(value) => say!("{name} had ended with {value}"),
            Stopped::Cancelled => say!("{name} was cancelled"),
        }
    }
}

async fn stop<T>(task: AbortOnDropHandle<T>) -> Stopped<T> {
    task.abort();
    match task.await {
        Ok(value) => Stopped::Ended(value),
        Err(error) if error.is_cancelled() => Stopped::Cancelled,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

#[derive(Debug, PartialEq)]
enum Stopped<T> {
    Ended(T),
    Cancelled,
}
// ANCHOR_END: truth

async fn operation(takes: Duration) -> u32 {
    let _cleanup = Cleanup;
    sleep(takes).step("working").await;
    say!("done");
    42
}

/// asyncio: a `finally`.
struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        say!("cleans up");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0      100    200
    /// quick  ███████✓
    /// slow   ██████████████⊘
    /// ```
    #[test]
    fn a_task_that_had_ended_is_not_called_cancelled() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] quick done",
                "[  0.100s] quick cleans up",
                "[  0.200s] quick had ended with 42",
                "[  0.200s] slow cleans up",
                "[  0.200s] slow was cancelled",
            ]);
        });
    }

    #[test]
    fn whenever_they_are_stopped_a_task_is_cancelled_or_done_and_never_both() {
        for after in [0, 99, 101, 499, 501, 1000] {
            let seen = virtual_time(Transcript::of(stop_after(after.ms())));
            let text = seen.to_string();
            for (name, takes) in [("quick", 100), ("slow", 500)] {
                let says = |what: &str| text.contains(&format!("{name} {what}\n"));
                assert_eq!(says("done"), takes < after, "{seen}");
                assert_eq!(says("had ended with 42"), takes < after, "{seen}");
                assert_eq!(says("was cancelled"), takes > after, "{seen}");
            }
        }
    }

    #[test]
    fn a_value_that_is_ready_when_the_stop_comes_is_not_lost() {
        virtual_time(async {
            let task = AbortOnDropHandle::new(tokio::spawn(operation(100.ms())));
            sleep(101.ms()).await;
            assert_eq!(stop(task).await, Stopped::Ended(42));
        });
    }

    #[test]
    fn a_cancel_of_the_caller_is_not_swallowed_and_takes_its_tasks_along() {
        virtual_time(async {
            let seen = Transcript::of(async {
                let caller = tokio::spawn(stop_after(200.ms()));
                sleep(50.ms()).await;
                caller.abort();
                assert!(caller.await.is_err_and(|error| error.is_cancelled()));
                say!("the caller has ended");
                sleep(1.secs()).await;
            });
            seen.await.assert_lines([
                "[  0.050s] slow cleans up",
                "[  0.050s] quick cleans up",
                "[  0.050s] the caller has ended",
            ]);
        });
    }

    #[test]
    #[should_panic(expected = "a bug")]
    fn a_task_that_had_panicked_is_not_called_cancelled() {
        virtual_time(async {
            let task = tokio::spawn(async { panic!("a bug") });
            sleep(1.ms()).await;
            stop::<()>(AbortOnDropHandle::new(task)).await;
        });
    }
}
