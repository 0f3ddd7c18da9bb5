//! A task that had finished before it was stopped is not reported as cancelled.
//!
//! A common asyncio pattern calls `cancel()`, awaits the task, ignores `CancelledError` and prints
//! "cancelled". It reports a finished task as cancelled. It also swallows a cancellation of the
//! caller. Tokio: `abort` has no effect on a finished task, and its `JoinHandle` still returns the
//! value. A caller that is cancelled while it waits is dropped, so it has nothing to swallow.

use std::{panic::resume_unwind, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// Both tasks are stopped after 200 ms; the first has finished by then.
pub(crate) async fn run() -> anyhow::Result<()> {
    let after = knob("after", 200.ms(), 0.ms()..=1.secs());
    ask("after=50ms", "which of the two jobs are cancelled?");
    stop_after(after).await;
    Ok(())
}

// ANCHOR: truth
async fn stop_after(pause: Duration) {
    // A dropped `JoinHandle` lets its task keep running; this handle aborts it.
    let start =
        |name, takes| AbortOnDropHandle::new(tokio::spawn(operation(takes).lane(name)));
    let (short, long) = (start("short job", 100.ms()), start("long job", 500.ms()));
    sleep(pause).await;
    for (name, task) in [("short job", short), ("long job", long)] {
        match stop(task).await {
            Stopped::Finished(value) => say!("{name} had finished with {value}"),
            Stopped::Cancelled => say!("{name} was cancelled"),
        }
    }
}

async fn stop<T>(task: AbortOnDropHandle<T>) -> Stopped<T> {
    task.abort();
    match task.await {
        Ok(value) => Stopped::Finished(value),
        Err(error) if error.is_cancelled() => Stopped::Cancelled,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

#[derive(Debug, PartialEq)]
enum Stopped<T> {
    Finished(T),
    Cancelled,
}
// ANCHOR_END: truth

async fn operation(takes: Duration) -> u32 {
    let _cleanup = Cleanup;
    sleep(takes).step("working").await;
    say!("is done");
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
    /// 0          100    200
    /// short job  ███████✓
    /// long job   ██████████████⊘
    /// ```
    #[test]
    fn a_task_that_had_finished_is_not_reported_as_cancelled() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.100s] short job is done",
                "[  0.100s] short job cleans up",
                "[  0.200s] short job had finished with 42",
                "[  0.200s] long job cleans up",
                "[  0.200s] long job was cancelled",
            ]);
        });
    }

    #[test]
    fn whenever_it_is_stopped_a_task_is_cancelled_or_done_and_never_both() {
        for after in [0, 99, 101, 499, 501, 1000] {
            let seen = virtual_time(Transcript::of(stop_after(after.ms())));
            let text = seen.to_string();
            for (name, takes) in [("short job", 100), ("long job", 500)] {
                let logged = |what: &str| text.contains(&format!("{name} {what}\n"));
                assert_eq!(logged("is done"), takes < after, "{seen}");
                assert_eq!(logged("had finished with 42"), takes < after, "{seen}");
                assert_eq!(logged("was cancelled"), takes > after, "{seen}");
            }
        }
    }

    #[test]
    fn a_value_that_is_ready_before_the_abort_is_not_lost() {
        virtual_time(async {
            let task = AbortOnDropHandle::new(tokio::spawn(operation(100.ms())));
            sleep(101.ms()).await;
            assert_eq!(stop(task).await, Stopped::Finished(42));
        });
    }

    #[test]
    fn a_cancelled_caller_ends_and_its_tasks_are_aborted() {
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
                "[  0.050s] long job cleans up",
                "[  0.050s] short job cleans up",
                "[  0.050s] the caller has ended",
            ]);
        });
    }

    #[test]
    #[should_panic(expected = "a bug")]
    fn a_task_that_had_panicked_is_not_reported_as_cancelled() {
        virtual_time(async {
            let task = tokio::spawn(async { panic!("a bug") });
            sleep(1.ms()).await;
            stop::<()>(AbortOnDropHandle::new(task)).await;
        });
    }
}
