//! `block_on` inside a runtime panics, and so does dropping a runtime there.
//!
//! asyncio: `asyncio.run` and `run_until_complete` raise inside a running loop. Tokio: `block_on`
//! panics. The solution depends on the caller of the synchronous function. If the caller has no
//! runtime, the function owns one. If the caller is async, make the function async. If it must stay
//! synchronous, run it on a thread that may block; there it uses a `Handle` of the runtime.
#![cfg(not(target_family = "wasm"))]

use std::{
    any::Any,
    panic::{UnwindSafe, catch_unwind},
    thread,
};

use anyhow::Context;
use async_kit::{Millis, say};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::spawn_blocking,
    time::sleep,
};

/// Two wrong versions, which panic, and four that return the price.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("two panics follow, on purpose");
    let called = panic_of(|| Client::new().map(|client| client.price()));
    say!("block_on inside a runtime: {called}");
    say!("dropped inside a runtime: {}", panic_of(|| Client::new().map(drop)));

    say!("awaited: {}", price().await);
    say!("on a blocking thread: {}", spawn_blocking(sync_function).await?);
    let from_outside = thread::spawn(|| anyhow::Ok(Client::new()?.price()));
    let in_place = thread::spawn(in_place);
    // `join` blocks its thread, so a blocking thread calls it.
    let (outside, in_place) = spawn_blocking(|| (from_outside.join(), in_place.join()))
        .await
        .context("the joining thread panicked")?;
    say!("outside any runtime: {}", outside.expect("no panic outside")?);
    say!("block_in_place, on several threads: {}", in_place.expect("no panic in place")?);
    Ok(())
}

// ANCHOR: nested
/// A client that gives synchronous code access to an async function.
struct Client {
    runtime: Runtime,
}

impl Client {
    fn new() -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build();
        Ok(Self { runtime: runtime.context("no runtime for the client")? })
    }

    /// # Panics
    ///
    /// Panics inside a runtime. Await `price` there instead.
    fn price(&self) -> u32 {
        self.runtime.block_on(price())
    }
}

/// Async code calls this function with `spawn_blocking`. It blocks on the runtime of its caller.
fn sync_function() -> u32 {
    Handle::current().block_on(price())
}

/// Needs several threads, because another worker must run the tasks of the thread that blocks.
fn in_place() -> anyhow::Result<u32> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    let task = runtime.spawn(async { tokio::task::block_in_place(sync_function) });
    Ok(runtime.block_on(task)?)
}

async fn price() -> u32 {
    sleep(20.ms()).await;
    67_250
}
// ANCHOR_END: nested

fn panic_of<T>(call: impl FnOnce() -> T + UnwindSafe) -> String {
    match catch_unwind(call) {
        Ok(_) => "no panic".into(),
        Err(panic) => message(panic.as_ref()),
    }
}

/// The first sentence of the panic message.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref().copied()).unwrap_or("no text");
    text.split(". ").next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;

    use super::*;

    #[test]
    fn outside_a_runtime_the_client_returns_the_price() {
        assert_eq!(Client::new().unwrap().price(), 67_250);
    }

    #[test]
    fn inside_a_runtime_the_client_panics_when_called_and_when_dropped() {
        virtual_time(async {
            let called = panic_of(|| Client::new().map(|client| client.price()));
            assert_eq!(called, "Cannot start a runtime from within a runtime");
            let dropped = panic_of(|| Client::new().map(drop));
            assert!(
                dropped.starts_with("Cannot drop a runtime in a context"),
                "{dropped}"
            );
        });
    }

    #[tokio::test]
    async fn a_sync_function_on_a_blocking_thread_uses_the_runtime_of_its_caller() {
        assert_eq!(spawn_blocking(sync_function).await.unwrap(), 67_250);
        assert_eq!(price().await, 67_250);
    }

    #[test]
    fn on_several_threads_a_worker_may_block_in_place() {
        assert_eq!(in_place().unwrap(), 67_250);
    }
}
