//! A runtime is a value: you build it, spawn futures on it, and shut it down.
//!
//! asyncio has one running loop per thread, which `get_running_loop` returns. A closed loop raises
//! when it is used. A Tokio runtime is owned: shutting it down takes it by value, so its owner cannot
//! use it afterwards. Other code reaches the runtime through a `Handle`. A handle may outlive its
//! runtime, and a task that is spawned on it then is cancelled. Outside a runtime
//! `Handle::try_current` returns an error, and `spawn` would panic.

#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Millis, say};
use tokio::{
    runtime::{Builder, Handle},
    task::spawn_blocking,
    time::sleep,
};

/// Builds a runtime on a new thread, as a program without `#[tokio::main]` would do.
pub(crate) async fn run() -> anyhow::Result<()> {
    let thread = std::thread::spawn(build_use_and_shut_down);
    // Joining a thread blocks, so it happens on a thread that may block.
    let lines =
        spawn_blocking(|| thread.join().expect("the thread does not panic")).await??;
    lines.iter().for_each(|line| say!("{line}"));
    Ok(())
}

/// The longest wait for a worker thread. The value is arbitrary, and far longer than any machine
/// needs.
const START_TIMEOUT: Duration = Duration::from_secs(60);

// ANCHOR: runtime
fn build_use_and_shut_down() -> anyhow::Result<Vec<String>> {
    let mut lines =
        vec![format!("is a new thread in a runtime: {}", Handle::try_current().is_ok())];
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let handle = runtime.handle().clone();

    // The task starts immediately, on a worker thread, although no code awaits it yet.
    let (started_sender, started) = std::sync::mpsc::channel();
    let background = handle.spawn(async move {
        started_sender.send("a spawned task starts before it is awaited")?;
        sleep(20.ms()).await;
        anyhow::Ok("a value from a background task")
    });
    lines.push(started.recv_timeout(START_TIMEOUT)?.to_owned());
    lines.push(runtime.block_on(async {
        format!("is block_on in a runtime: {}", Handle::try_current().is_ok())
    }));
    lines.push(runtime.block_on(background)??.to_owned());

    // This task never ends, so the shutdown drops it at its await.
    handle.spawn(std::future::pending::<()>());
    runtime.shutdown_timeout(100.ms());
    let cancelled =
        handle.block_on(handle.spawn(async {})).is_err_and(|e| e.is_cancelled());
    lines.push(format!("is a task spawned after the shutdown cancelled: {cancelled}"));
    Ok(lines)
}
// ANCHOR_END: runtime

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_that_outlives_its_runtime_runs_no_task() {
        let lines = build_use_and_shut_down().unwrap();
        assert_eq!(
            lines,
            [
                "is a new thread in a runtime: false",
                "a spawned task starts before it is awaited",
                "is block_on in a runtime: true",
                "a value from a background task",
                "is a task spawned after the shutdown cancelled: true"
            ]
        );
    }
}
