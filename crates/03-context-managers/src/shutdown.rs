//! The end of a runtime drops every task where it stands, its unfinished releases too.
//!
//! asyncio: `asyncio.run` cancels what is left and waits for its clean-up. Tokio: when `main`
//! returns, the runtime drops its tasks at once; a release that is dropped so is polled one last
//! time, and what it would have waited for never comes. (Only a started `spawn_blocking` is
//! waited for.) So an orderly end is written down: end the tasks, then await the releases.

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

/// Two programs, each with a runtime of its own, end while a clerk still writes.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, orderly) in [("abrupt", false), ("orderly", true)] {
        let book = Book::default();
        let theirs = book.clone();
        // A thread that may block, because a runtime cannot be run inside another one.
        let runtime = Builder::new_current_thread().enable_time().build()?;
        spawn_blocking(move || program(runtime, name, orderly, theirs)).await?;
        say!("{name}: the runtime has ended, the book is {}", book.state());
    }
    Ok(())
}

// ANCHOR: shutdown
fn program(runtime: Runtime, name: &'static str, orderly: bool, book: Book) {
    runtime.block_on(async {
        let clerk = tokio::spawn(write(book).lane(name));
        sleep(40.ms()).await;
        say!("{name}: main is about to return");
        if orderly {
            clerk.abort();
            // An abort is over when the task is gone: only then has its release begun.
            let _ = clerk.await;
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

    /// The book after a program of its own, whose clock jumps instead of waiting.
    fn book_after(orderly: bool) -> &'static str {
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build();
        let book = Book::default();
        program(runtime.unwrap(), "program", orderly, book.clone());
        book.state()
    }

    #[test]
    fn a_runtime_that_just_ends_leaves_the_book_open() {
        assert_eq!(book_after(false), "still open");
    }

    #[test]
    fn a_program_that_awaits_its_releases_leaves_the_book_closed() {
        assert_eq!(book_after(true), "closed");
    }
}
