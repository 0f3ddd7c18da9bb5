//! A runtime is a value: you build it, run futures on it, and shut it down.
//!
//! asyncio has one running loop per thread, which `get_running_loop` returns. A closed loop raises
//! when it is used. A Tokio runtime is owned: shutting it down takes it by value, so its owner cannot
//! use it afterwards. Other code reaches the runtime through a `Handle`. A handle may outlive its
//! runtime, and a task that is spawned on it then is cancelled. Outside a runtime
//! `Handle::try_current` returns an error, and `spawn` would panic.

#![cfg(not(target_family = "wasm"))]

use std::{future::pending, sync::mpsc, thread, time::Duration};

use async_kit::{Lane, Millis, say};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::spawn_blocking,
    time::sleep,
};

use crate::recorded::recorded;

/// Builds a runtime on a new thread, as a program without `#[tokio::main]` would do.
pub(crate) async fn run() -> anyhow::Result<()> {
    let record = recorded();
    let thread = thread::spawn(move || {
        record();
        build_use_and_shut_down(record)
    });
    // Joining a thread blocks, so it happens on a thread that may block.
    spawn_blocking(|| thread.join().expect("the thread does not panic")).await?
}

/// The longest wait for a worker thread. The value is arbitrary, and far longer than any machine
/// needs.
const START_TIMEOUT: Duration = Duration::from_secs(60);

// ANCHOR: runtime
fn build_use_and_shut_down(
    on_thread_start: impl Fn() + Send + Sync + 'static,
) -> anyhow::Result<()> {
    say!("is a new thread in a runtime: {}", Handle::try_current().is_ok());
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().on_thread_start(on_thread_start);
    let runtime = builder.build()?;
    let handle = runtime.handle().clone();

    // A task starts immediately, on a worker thread, although no code awaits it.
    let (started_sender, started) = mpsc::channel();
    let endless = async move {
        say!("starts");
        started_sender.send(())?;
        pending::<anyhow::Result<()>>().await
    };
    handle.spawn(endless.try_lane("endless task"));
    started.recv_timeout(START_TIMEOUT)?;

    // `run_until_complete`: this thread waits for one future.
    let question = async { Handle::try_current().is_ok() };
    say!("is block_on in a runtime: {}", runtime.block_on(question));

    // `call_later`, `run_forever` and `stop`: this thread waits until a task requests the end.
    let (stop, stopped) = oneshot::channel();
    let later = async move {
        sleep(20.ms()).await;
        say!("requests the stop");
        stop.send(())
    };
    handle.spawn(later.try_lane("later task"));
    runtime.block_on(stopped)?;
    say!("stops");

    // The shutdown drops `endless task` at its await.
    runtime.shutdown_timeout(100.ms());
    let late = handle.spawn(async {}.lane("late task"));
    let cancelled = handle.block_on(late).is_err_and(|error| error.is_cancelled());
    say!("is a task spawned after the shutdown cancelled: {cancelled}");
    Ok(())
}
// ANCHOR_END: runtime

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending};

    use super::*;

    /// Each line is the cause of the next one, so their order does not depend on the machine.
    #[tokio::test]
    async fn a_runtime_starts_tasks_runs_until_a_stop_and_drops_what_is_left() {
        let seen = Transcript::of(run()).await;
        let said: Vec<_> = seen
            .lines()
            .iter()
            .map(|line| (line.lane.as_deref().unwrap_or(""), line.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("", "is a new thread in a runtime: false"),
                ("endless task", "starts"),
                ("", "is block_on in a runtime: true"),
                ("later task", "requests the stop"),
                ("", "stops"),
                ("", "is a task spawned after the shutdown cancelled: true"),
            ],
            "{seen}"
        );
        assert_eq!(seen.ending("endless task"), Some(Ending::Dropped), "{seen}");
    }

    #[tokio::test]
    async fn a_handle_that_outlives_its_runtime_runs_no_task() {
        let seen = Transcript::of(run()).await;
        assert_eq!(seen.ending("late task"), Some(Ending::NeverPolled), "{seen}");
    }
}
