//! A panic ends only its own task, and the handle distinguishes it from an error and an abort.
//!
//! asyncio: a bug and an expected failure are both exceptions. If no code awaits the task, its
//! exception is reported only when the task is garbage collected. Tokio: an error is the task's
//! value. A panic is a `JoinError`, and is also printed to stderr. Awaiting the handle with `?`
//! returns the panic as an error, and `resume_unwind` continues the panic in the caller.

#![cfg(not(target_family = "wasm"))]

use std::any::Any;

use async_kit::{Lane, Millis, Monitor, say};
use tokio::{task::JoinHandle, time::sleep};

/// Four tasks end in four ways; then a monitor reports a panic.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("two tasks will panic; the panic messages go to stderr");
    let start = |name| tokio::spawn(job(name).try_lane(name));
    let tasks = ["fine", "error", "bug", "unwanted"].map(|name| (name, start(name)));
    sleep(20.ms()).await;
    tasks[3].1.abort();
    for (name, task) in tasks {
        say!("{name}: {}", outcome(task).await);
    }
    let monitor = Monitor::new();
    monitor.spawn("bug", job("bug").try_lane("monitored bug"));
    for report in monitor.join().await {
        say!("the monitor: {report}");
    }
    Ok(())
}

// ANCHOR: panics
async fn outcome(task: JoinHandle<anyhow::Result<u32>>) -> String {
    match task.await {
        Ok(Ok(value)) => format!("returned {value}"),
        Ok(Err(error)) => format!("failed, {error}"),
        Err(error) if error.is_cancelled() => "was aborted".into(),
        Err(error) => format!("panicked, {}", message(error.into_panic().as_ref())),
    }
}

/// The message of a panic: a `String` if `panic!` formatted values into it, otherwise a `&str`.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("a value that is not a text")
}
// ANCHOR_END: panics

async fn job(name: &'static str) -> anyhow::Result<u32> {
    sleep(50.ms()).step("working").await;
    anyhow::ensure!(name != "error", "out of paper");
    // The bug: the next lines do not check that there is a page.
    let pages = if name == "bug" { vec![] } else { vec![42] };
    Ok(pages[0])
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, monitor::State, virtual_time};

    use super::*;

    #[test]
    fn value_error_abort_and_panic_are_four_outcomes() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(50.ms(), "fine: returned 42");
            seen.assert_at(50.ms(), "error: failed, out of paper");
            seen.assert_at(50.ms(), "unwanted: was aborted");
            let bug = seen.lines().iter().find(|line| line.text.starts_with("bug: "));
            let bug = &bug.expect("the bug is reported").text;
            assert!(
                bug.contains("panicked") && bug.contains("index out of bounds"),
                "{seen}"
            );
        });
    }

    #[test]
    fn a_panic_does_not_affect_other_tasks() {
        virtual_time(async {
            let bug = tokio::spawn(job("bug"));
            let fine = tokio::spawn(job("fine"));
            assert!(bug.await.is_err_and(|error| error.is_panic()));
            assert_eq!(fine.await.unwrap().unwrap(), 42);
        });
    }

    #[test]
    fn a_panic_is_never_reported_as_an_error_or_a_success() {
        virtual_time(async {
            let monitor = Monitor::new();
            monitor.spawn("bug", job("bug"));
            let reports = monitor.join().await;
            assert_eq!(reports[0].outcome.state(), State::Panicked, "{}", reports[0]);
        });
    }

    #[test]
    fn a_payload_of_any_type_has_a_message() {
        assert_eq!(message(&"a str"), "a str");
        assert_eq!(message(&"a string".to_string()), "a string");
        assert_eq!(message(&7), "a value that is not a text");
    }
}
