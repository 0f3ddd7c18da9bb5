//! What a future holds across an await moves with it to another thread, or the compiler refuses the spawn.
//!
//! asyncio has one thread, and this question does not come up. `tokio::spawn` asks for `Send`. The
//! error names three lines: the spawn, the value that cannot move, and the await across which it
//! is held. Three ways out: a value that can move (`Arc` for `Rc`, a Tokio mutex or an earlier end
//! for a std guard), a value that ends before the await, or a task that stays on its thread.
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

/// What the compiler says about an `Rc`, and three versions of the same task that run.
pub(crate) async fn run() -> anyhow::Result<()> {
    let said = spawn_blocking(|| compile_error(WRONG)).await??;
    say!("{}", what_to_read(&said));
    say!("it moves: {} visit", tokio::spawn(it_moves()).await?);
    say!("it ends before: {} visit", tokio::spawn(it_ends_before()).await?);
    say!("it stays: {} visit", spawn_blocking(it_stays).await??);
    Ok(())
}

/// The spawn, the value and the await, with what the compiler says about each.
fn what_to_read(said: &str) -> String {
    let lines = said.lines().take_while(|line| !line.starts_with("note: required by"));
    lines.filter(|line| line.trim() != "|").collect::<Vec<_>>().join("\n")
}

// ANCHOR: not_send
async fn it_moves() -> u32 {
    let visits = Arc::new(1);
    pause().await;
    *visits
}

async fn it_ends_before() -> u32 {
    let visits = {
        let visits = Rc::new(1);
        *visits
    };
    pause().await;
    visits
}

/// On a runtime whose tasks never leave its thread, as all tasks of asyncio.
fn it_stays() -> anyhow::Result<u32> {
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
        let read = what_to_read(&compile_error(WRONG).unwrap());
        let marks = [
            "future returned by `visit` is not `Send`",
            "has type `Rc<i32>` which is not `Send`",
            "await occurs here, with `visits` maybe used later",
        ];
        let at = marks.map(|mark| read.find(mark).unwrap_or_else(|| panic!("{read}")));
        assert!(at.is_sorted(), "{read}");
        assert!(!read.contains("required by a bound"), "{read}");
    }

    #[test]
    fn all_three_ways_out_compile_and_return_the_value() {
        virtual_time(async {
            assert_eq!(tokio::spawn(it_moves()).await.unwrap(), 1);
            assert_eq!(tokio::spawn(it_ends_before()).await.unwrap(), 1);
        });
        assert_eq!(it_stays().unwrap(), 1);
    }
}
