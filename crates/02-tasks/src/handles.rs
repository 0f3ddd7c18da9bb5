//! A `JoinHandle` reports if its task has ended, and returns the value exactly once.
//!
//! asyncio: a `Task` has `done()`. Its `result()` raises if the task has not ended, and it can be
//! awaited many times. A plain `Future` is set with `set_result`. Tokio: awaiting a `JoinHandle`
//! consumes it, so its value does not need to be `Clone`. Use `Shared` for several readers, and a
//! `oneshot` channel for a value that other code will set.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::FutureExt;
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

/// One answer for one reader, one answer for two readers, and a value from a `oneshot` channel.
pub(crate) async fn run() -> anyhow::Result<()> {
    let takes = knob("takes", 100.ms(), 1.ms()..=140.ms());
    ask("takes=10ms", "when is `the value is 42` printed?");
    ask_early_and_late(tokio::spawn(answer(takes).lane("answer"))).await?;
    two_readers(tokio::spawn(answer(takes).lane("shared answer"))).await?;
    receive(takes).await?;
    Ok(())
}

// ANCHOR: handles
async fn ask_early_and_late(mut task: JoinHandle<u32>) -> anyhow::Result<()> {
    say!("done: {}", task.is_finished());
    if (&mut task).now_or_never().is_none() {
        say!("no value yet");
    }
    sleep(150.ms()).await;
    say!("done: {}", task.is_finished());
    // A second `task.await` would not compile: the first one consumes the handle.
    say!("the value is {}", task.await?);
    Ok(())
}

async fn two_readers(task: JoinHandle<u32>) -> anyhow::Result<()> {
    // A `JoinError` is not `Clone`, so share only the value, if there is one.
    let value = task.map(Result::ok).shared();
    let read = |name| tokio::spawn(read(value.clone()).lane(name));
    for reader in [read("reader-1"), read("reader-2")] {
        reader.await?;
    }
    Ok(())
}

async fn receive(after: Duration) -> anyhow::Result<()> {
    let (sender, value) = oneshot::channel();
    let send = async move {
        sleep(after).await;
        // `send` fails if the receiver was dropped. That is not an error here.
        let _ = sender.send(7);
    };
    tokio::spawn(send.lane("sender"));
    say!("received {}", value.await?);
    Ok(())
}
// ANCHOR_END: handles

async fn read(value: impl Future<Output = Option<u32>>) {
    match value.await {
        Some(value) => say!("reads {value}"),
        None => say!("finds nothing"),
    }
}

async fn answer(takes: Duration) -> u32 {
    sleep(takes).step("thinking").await;
    42
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_handle_is_pending_until_its_task_ends_and_keeps_the_value() {
        for takes in [1, 100, 140] {
            let ask =
                async move { ask_early_and_late(tokio::spawn(answer(takes.ms()))).await };
            virtual_time(Transcript::of(ask)).assert_lines([
                "[  0.000s] done: false",
                "[  0.000s] no value yet",
                "[  0.150s] done: true",
                "[  0.150s] the value is 42",
            ]);
        }
    }

    #[test]
    fn a_shared_value_reaches_every_reader() {
        for takes in [1, 100, 140] {
            let read = async move { two_readers(tokio::spawn(answer(takes.ms()))).await };
            let seen = virtual_time(Transcript::of(read));
            seen.assert_at(takes.ms(), "reader-1 reads 42");
            seen.assert_at(takes.ms(), "reader-2 reads 42");
        }
    }

    #[test]
    fn a_value_is_received_when_it_is_sent() {
        for after in [1, 100, 140] {
            let seen = virtual_time(Transcript::of(receive(after.ms())));
            seen.assert_lines([format!("[  0.{after:03}s] received 7")]);
        }
    }

    #[test]
    fn a_dropped_sender_is_an_error_and_not_an_endless_wait() {
        virtual_time(async {
            let (sender, value) = oneshot::channel::<u32>();
            drop(sender);
            assert!(value.await.is_err());
        });
    }

    #[test]
    fn a_cancelled_task_counts_as_finished() {
        virtual_time(async {
            let task = tokio::spawn(answer(100.ms()));
            sleep(10.ms()).await;
            assert!(!task.is_finished());
            task.abort();
            sleep(1.ms()).await;
            assert!(task.is_finished());
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        });
    }
}
