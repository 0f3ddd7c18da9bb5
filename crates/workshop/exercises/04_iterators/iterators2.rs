//! iterators2 · 10 minutes · port a generator that fetches pages from asyncio
//!
//! The program in asyncio (`asyncio/iterators2.py`):
//!
//! ```python
//! NUMBERS = range(101, 108)
//!
//! async def fetch(page):
//!     print(f"fetches page {page}")
//!     await asyncio.sleep(0.02)
//!     return NUMBERS[3 * page - 3 : 3 * page]
//!
//! async def invoices():
//!     page = 1
//!     while found := await fetch(page):
//!         for invoice in found:
//!             yield invoice
//!         page += 1
//!
//! async def main():
//!     async for invoice in invoices():
//!         print(f"checks {invoice}")
//!         await asyncio.sleep(0.005)
//!         if invoice == 104:
//!             break
//!     print("has found 104")
//!     count = 0
//!     async for _ in invoices():
//!         count += 1
//!     print(f"has counted {count}")
//! ```
//!
//! `fetch` and `run` are written already. Write `invoices`, so that the program prints the same
//! lines at the same times: a reader that stops early must not cause a fetch that it does not
//! need.
//!
//! Section: `cargo run -p iterators -- pager`. Code: crates/04-iterators/src/pager.rs.
//! Page: docs/src/04-iterators.md.

use async_kit::{Millis, exercise, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

async fn fetch(page: usize) -> Vec<u32> {
    assert!(page > 0, "the first page is page 1");
    assert!(page < 10, "page 4 was empty, and the stream has not ended");
    say!("fetches page {page}");
    sleep(20.ms()).await;
    (101..=107).skip(3 * (page - 1)).take(3).collect()
}

fn invoices() -> impl Stream<Item = u32> {
    // TODO: yield the invoices of page 1, of page 2, and so on.
    stream::once(fetch(1)).flat_map(stream::iter)
}

async fn run() {
    let mut all = invoices().boxed();
    while let Some(invoice) = all.next().await {
        say!("checks {invoice}");
        sleep(5.ms()).await;
        if invoice == 104 {
            break;
        }
    }
    say!("has found 104");
    say!("has counted {}", invoices().count().await);
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let run = exercise::observe(run());
        let lines = run.lines().iter().map(|line| line.text.as_str()).collect::<Vec<_>>();
        let found = lines.iter().position(|line| *line == "has found 104").unwrap_or(0);
        let fetched =
            lines[..found].iter().filter(|line| line.starts_with("fetches")).count();
        run.require(
            fetched <= 2,
            format!("{fetched} pages are fetched before 104 is found"),
            "104 is on page 2, so no other page is fetched",
            "A page is fetched before the reader has read the page before it, or once \
             for each invoice.",
        );
        let position = |text: &str| lines.iter().position(|line| *line == text);
        run.require(
            position("fetches page 2")
                .is_none_or(|page| position("checks 103") < Some(page)),
            "page 2 is fetched before 103 is checked",
            "it is fetched when the reader asks for the invoice after 103",
            "Something fetches ahead of the reader: a task, or an adapter with a buffer.",
        );
        run.require(
            fetched != 2 || lines.contains(&"fetches page 4"),
            "page 4 is never fetched",
            "the reader that counts reads up to the first empty page, which is page 4",
            "A short page is not the last page: only an empty page ends the stream.",
        );
        run.prints_like_asyncio(
            include_str!("../../transcripts/iterators2.txt"),
            "Fetch page 1, 2, … until a page is empty, and yield each invoice of each \
             page.",
        );
    }
}
