//! files2 · 15 minutes · port two stages that commit their output only together
//!
//! The program in asyncio (`asyncio/files2.py`). It enters two bank statements into a book. The first
//! one has a damaged row, so nothing of that month may be committed:
//!
//! ```python
//! async def read(statement, rows):
//!     for row in statement:
//!         await asyncio.sleep(0.02)
//!         if row == "?":
//!             raise ValueError("a row is damaged")
//!         print(f"reader has read {row}")
//!         await rows.put(row)
//!     await rows.put(None)
//!
//! async def write(rows, book):
//!     while (row := await rows.get()) is not None:
//!         await asyncio.sleep(0.03)
//!         print(f"writer has written {row}")
//!         book.append(row)
//!
//! async def keep(month, statement):
//!     rows, book = asyncio.Queue(1), []
//!     try:
//!         async with asyncio.TaskGroup() as stages:
//!             stages.create_task(read(statement, rows))
//!             stages.create_task(write(rows, book))
//!         print(f"{month} is committed: {len(book)} rows")
//!     except* ValueError as errors:
//!         print(f"{month} is dropped: {errors.exceptions[0]}")
//! ```
//!
//! Write `write` and `keep` in Rust; `read` is given. It must print the same lines at the same times.
//! There is no sentinel: what does the writer see when the reader ends, and what when the reader fails?
//!
//! Section: `cargo run -p files -- stages`. Code: crates/12-files/src/stages.rs.
//! Page: docs/src/12-files.md.

use anyhow::bail;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::mpsc, time::sleep};

type Row = &'static str;

async fn read(statement: [Row; 3], rows: mpsc::Sender<Row>) -> anyhow::Result<()> {
    for row in statement {
        sleep(20.ms()).await;
        if row == "?" {
            bail!("a row is damaged");
        }
        say!("has read {row}");
        rows.send(row).await?;
    }
    Ok(())
}

/// Returns the book.
async fn write(mut rows: mpsc::Receiver<Row>) -> anyhow::Result<Vec<Row>> {
    // TODO: write each row in 30 ms.
    while let Some(row) = rows.recv().await {}
    Ok(Vec::new())
}

async fn keep(month: &str, statement: [Row; 3]) {
    let (send, receive) = mpsc::channel(1);
    let (reader, writer) = (read(statement, send), write(receive));
    // TODO: commit only if both stages succeed; if one fails, the other one stops.
    let _ = join!(reader.try_lane("reader"), writer.try_lane("writer"));
}

async fn run() {
    keep("may", ["rent", "salary", "?"]).await;
    keep("june", ["rent", "salary", "coffee"]).await;
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let full = "A sender waits while the channel is full and no stage receives.";
        let run = exercise::observe_or(run(), full);
        let texts: Vec<_> = run.lines().iter().map(|line| line.text.as_str()).collect();
        let is_committed = texts.iter().any(|text| text.starts_with("may is committed"));
        run.require(
            !is_committed,
            "half of may is committed",
            "nothing of may, because its reader fails",
            "A channel also ends when its sender is dropped by an error. Commit only if both \
             stages return `Ok`.",
        );
        let written: Vec<_> =
            run.lines().iter().filter(|line| line.text == "has written salary").collect();
        // The reader of may fails at 60 ms.
        let goes_on = written.len() > 1 && written[0].at > 60.ms();
        run.require(
            !goes_on,
            "the writer goes on after the reader has failed",
            "it is cancelled, as in a task group",
            "`join!` waits for both stages, and a spawned task goes on when its handle is dropped.",
        );
        run.prints_like_asyncio(
            include_str!("../../transcripts/files2.txt"),
            "Both stages run at the same time. An error of one of them ends the other, and `Ok` does \
             not. Writing a row takes 30 ms, and then its line is printed.",
        );
    }
}
