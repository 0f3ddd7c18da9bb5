//! A runtime is a value: you build it, hand futures to it, and shut it down.
//!
//! asyncio has one loop per thread, found by `get_running_loop`, and a loop that was closed raises
//! when it is used. A Tokio runtime is owned, so its owner cannot use it after its end. Others reach
//! it by a `Handle`, which may outlive it: what they spawn then is cancelled. Outside a runtime
//! `Handle::try_current` is an error, and `spawn` would panic.

use std::time::Duration;

use async_kit::{Millis, say};
use tokio::{
    runtime::{Builder, Handle},
    task::spawn_blocking,
    time::sleep,
};

/// From a thread of its own, as a program without `#[tokio::main]` would do it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let by_hand = std::thread::spawn(by_hand);
    // Waiting for a thread blocks, so another thread does it.
    let lines =
        spawn_blocking(|| by_hand.join().expect("the thread does not panic")).await??;
    lines.iter().for_each(|line| say!("{line}"));
    Ok(())
}

/// Bounds the wait for a worker: arbitrary, and far beyond what any machine needs.
const PLENTY: Duration = Duration::from_secs(60);

// ANCHOR: runtime
fn by_hand() -> anyhow::Result<Vec<String>> {
    let mut lines =
        vec![format!("a runtime on a bare thread: {}", Handle::try_current().is_ok())];
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let handle = runtime.handle().clone();

    // Starts at once, on a worker, although nobody awaits it yet.
    let (tell, told) = std::sync::mpsc::channel();
    let background = handle.spawn(async move {
        tell.send("a task that nobody awaits has started")?;
        sleep(20.ms()).await;
        anyhow::Ok("a value from a background task")
    });
    lines.push(told.recv_timeout(PLENTY)?.to_owned());
    lines.push(runtime.block_on(async {
        format!("a runtime inside block_on: {}", Handle::try_current().is_ok())
    }));
    lines.push(runtime.block_on(background)??.to_owned());

    // A task without an end is dropped where it waits.
    handle.spawn(std::future::pending::<()>());
    runtime.shutdown_timeout(100.ms());
    let refused =
        handle.block_on(handle.spawn(async {})).is_err_and(|e| e.is_cancelled());
    lines.push(format!("a task spawned after the end was cancelled: {refused}"));
    Ok(lines)
}
// ANCHOR_END: runtime

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handle_outlives_the_runtime_and_runs_nothing_any_more() {
        let lines = by_hand().unwrap();
        assert_eq!(
            lines,
            [
                "a runtime on a bare thread: false",
                "a task that nobody awaits has started",
                "a runtime inside block_on: true",
                "a value from a background task",
                "a task spawned after the end was cancelled: true"
            ]
        );
    }
}
