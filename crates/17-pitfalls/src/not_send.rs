//! A spawned future may hold only `Send` values across an await, or the program does not compile.
//!
//! asyncio has one thread, so it has no such rule. `tokio::spawn` requires `Send`, because a task may
//! move to another thread. The error names three lines: the spawn, the value that is not `Send`, and
//! the await across which it is held. There are three solutions: a value that is `Send` (`Arc` instead
//! of `Rc`), a value that is dropped before the await, or a task that stays on its thread.
#![cfg(not(target_family = "wasm"))]

use std::{rc::Rc, sync::Arc};

use async_kit::{Millis, say};
use tokio::{
    runtime::LocalRuntime,
    task::{spawn_blocking, spawn_local},
    time::sleep,
};

use crate::rustc::compile_error;

const WRONG: &str = include_str!("../wrong/rc_across_an_await.rs");

/// The compiler's error about an `Rc`, and three versions of the same task that compile.
pub(crate) async fn run() -> anyhow::Result<()> {
    let error = spawn_blocking(|| compile_error(WRONG)).await??;
    say!("{}", important_lines(&error));
    say!("a Send value: {} visit", tokio::spawn(send_value()).await?);
    let dropped = tokio::spawn(dropped_before_the_await()).await?;
    say!("dropped before the await: {dropped} visit");
    say!("a task on one thread: {} visit", spawn_blocking(on_one_thread).await??);
    Ok(())
}

/// The lines about the spawn, the value and the await.
fn important_lines(error: &str) -> String {
    let lines = error.lines().take_while(|line| !line.starts_with("note: required by"));
    lines.filter(|line| line.trim() != "|").collect::<Vec<_>>().join("\n")
}

// ANCHOR: not_send
async fn send_value() -> u32 {
    let visits = Arc::new(1);
    pause().await;
    *visits
}

async fn dropped_before_the_await() -> u32 {
    let visits = {
        let visits = Rc::new(1);
        *visits
    };
    pause().await;
    visits
}

/// The tasks of a `LocalRuntime` never leave its thread, like all tasks of asyncio.
fn on_one_thread() -> anyhow::Result<u32> {
    let runtime = LocalRuntime::new()?;
    let visit = async {
        let visits = Rc::new(1);
        pause().await;
        *visits
    };
    Ok(runtime.block_on(async { spawn_local(visit).await })?)
}
// ANCHOR_END: not_send

async fn pause() {
    sleep(10.ms()).await;
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;

    use super::*;

    #[test]
    fn the_error_names_the_spawn_the_value_and_the_await() {
        let lines = important_lines(&compile_error(WRONG).unwrap());
        let marks = [
            "future returned by `visit` is not `Send`",
            "has type `Rc<i32>` which is not `Send`",
            "await occurs here, with `visits` maybe used later",
        ];
        let at = marks.map(|mark| lines.find(mark).unwrap_or_else(|| panic!("{lines}")));
        assert!(at.is_sorted(), "{lines}");
        assert!(!lines.contains("required by a bound"), "{lines}");
    }

    #[test]
    fn all_three_solutions_compile_and_return_the_value() {
        virtual_time(async {
            assert_eq!(tokio::spawn(send_value()).await.unwrap(), 1);
            assert_eq!(tokio::spawn(dropped_before_the_await()).await.unwrap(), 1);
        });
        assert_eq!(on_one_thread().unwrap(), 1);
    }
}
