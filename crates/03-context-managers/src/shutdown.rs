//! When a runtime ends, it drops every task at its current await, including unfinished releases.
//!
//! asyncio: `asyncio.run` cancels the remaining tasks and waits for their clean-up. Tokio: when `main`
//! returns, the runtime drops its tasks immediately. A release that is dropped by the runtime is
//! polled one last time, but it cannot wait for anything. (The runtime waits only for a `spawn_blocking`
//! that has started.) So end the tasks yourself, and then await the releases.

#![cfg(not(target_family = "wasm"))]

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_kit::{
    Lane, Millis, say,
    scope::{self, Release},
};
use tokio::{
    runtime::{Builder, Runtime},
    task::spawn_blocking,
    time::sleep,
};

/// Two programs end while a task still writes. Each program has its own runtime.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, orderly) in [("abrupt", false), ("orderly", true)] {
        let book = Book::default();
        let program_book = book.clone();
        let runtime = Builder::new_current_thread().enable_time().build()?;
        // `program` runs on a thread that may block, because a task of one runtime cannot block
        // on another runtime.
        spawn_blocking(move || program(runtime, name, orderly, program_book)).await?;
        say!("{name}: the runtime has ended, the book is {}", book.state());
    }
    Ok(())
}

// ANCHOR: shutdown
fn program(runtime: Runtime, name: &'static str, orderly: bool, book: Book) {
    runtime.block_on(async {
        let writer = tokio::spawn(write(book).lane(name));
        sleep(40.ms()).await;
        say!("{name}: main is about to return");
        if orderly {
            writer.abort();
            // `abort` only requests the end. The release starts when the task is dropped, so
            // wait for that first.
            let _ = writer.await;
            scope::released().await;
        }
    });
    drop(runtime);
}

async fn write(book: Book) {
    scope::with(book, async |_| sleep(500.ms()).step("writing").await).await;
}

impl Release for Book {
    async fn release(self) {
        let close = async {
            say!("closes the book");
            sleep(30.ms()).step("closing").await;
            self.closed.store(true, Ordering::Relaxed);
            say!("has closed the book");
        };
        close.lane("release").await;
    }
}
// ANCHOR_END: shutdown

#[derive(Clone, Default)]
struct Book {
    closed: Arc<AtomicBool>,
}

impl Book {
    fn state(&self) -> &'static str {
        if self.closed.load(Ordering::Relaxed) { "closed" } else { "still open" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs one program in virtual time, and returns the state of its book afterwards.
    fn book_after(orderly: bool) -> &'static str {
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build();
        let book = Book::default();
        program(runtime.unwrap(), "program", orderly, book.clone());
        book.state()
    }

    #[test]
    fn a_runtime_that_ends_without_awaiting_releases_leaves_the_book_open() {
        assert_eq!(book_after(false), "still open");
    }

    #[test]
    fn a_program_that_awaits_its_releases_leaves_the_book_closed() {
        assert_eq!(book_after(true), "closed");
    }
}
