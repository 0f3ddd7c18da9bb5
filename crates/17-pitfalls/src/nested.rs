//! `block_on` inside a runtime panics: a runtime is entered from outside, or by `await`.
//!
//! asyncio: `asyncio.run` and `run_until_complete` raise inside a running loop. Tokio: `block_on`
//! panics, and so does dropping a runtime there. The way out depends on where the plain function
//! is called from: from code without a runtime it owns one; from async code it becomes async; and
//! where it must stay plain, it runs on a thread that may block, and goes back in by a `Handle`.
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

/// Two wrong ways, which panic, and four right ones.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("two panics follow, on purpose");
    say!("block_on inside: {}", panic_of(|| Client::new().map(|client| client.price())));
    say!("dropped inside: {}", panic_of(|| Client::new().map(drop)));

    say!("awaited: {}", price().await);
    say!("from a thread that may block: {}", spawn_blocking(plain_function).await?);
    let from_outside = thread::spawn(|| anyhow::Ok(Client::new()?.price()));
    let in_place = thread::spawn(in_place);
    // Waiting for a thread blocks, so another thread does it.
    let (outside, in_place) = spawn_blocking(|| (from_outside.join(), in_place.join()))
        .await
        .context("the thread that waits panicked")?;
    say!("from outside: {}", outside.expect("no panic outside")?);
    say!("in place, on several threads: {}", in_place.expect("no panic in place")?);
    Ok(())
}

// ANCHOR: nested
/// An asynchronous client for code that is not asynchronous.
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
    /// Inside a runtime: await `price` there.
    fn price(&self) -> u32 {
        self.runtime.block_on(price())
    }
}

/// Called by async code through `spawn_blocking`, it goes back into the runtime that it came from.
fn plain_function() -> u32 {
    Handle::current().block_on(price())
}

/// Only on several threads: another one takes over the tasks of the thread that blocks.
fn in_place() -> anyhow::Result<u32> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    let task = runtime.spawn(async { tokio::task::block_in_place(plain_function) });
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

/// The first sentence of it.
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
    fn outside_a_runtime_the_client_answers() {
        assert_eq!(Client::new().unwrap().price(), 67_250);
    }

    #[test]
    fn inside_a_runtime_the_client_panics_when_asked_and_when_dropped() {
        virtual_time(async {
            let asked = panic_of(|| Client::new().map(|client| client.price()));
            assert_eq!(asked, "Cannot start a runtime from within a runtime");
            let dropped = panic_of(|| Client::new().map(drop));
            assert!(
                dropped.starts_with("Cannot drop a runtime in a context"),
                "{dropped}"
            );
        });
    }

    #[tokio::test]
    async fn a_plain_function_on_a_blocking_thread_goes_back_into_its_runtime() {
        assert_eq!(spawn_blocking(plain_function).await.unwrap(), 67_250);
        assert_eq!(price().await, 67_250);
    }

    #[test]
    fn on_several_threads_a_worker_may_block_in_place() {
        assert_eq!(in_place().unwrap(), 67_250);
    }
}
