//! The row is in the book before it is written.
//! message: and then its line is printed.

use anyhow::bail;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep, try_join};

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
    let mut book = Vec::new();
    while let Some(row) = rows.recv().await {
        book.push(row);
        say!("has written {row}");
        sleep(30.ms()).await;
    }
    Ok(book)
}

async fn keep(month: &str, statement: [Row; 3]) {
    let (send, receive) = mpsc::channel(1);
    let (reader, writer) = (read(statement, send), write(receive));
    match try_join!(reader.try_lane("reader"), writer.try_lane("writer")) {
        Ok(((), book)) => say!("{month} is committed: {} rows", book.len()),
        Err(error) => say!("{month} is dropped: {error}"),
    }
}

async fn run() {
    keep("may", ["rent", "salary", "?"]).await;
    keep("june", ["rent", "salary", "coffee"]).await;
}

fn main() {
    exercise::show(run());
}
