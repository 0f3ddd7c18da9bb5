//! Two tasks: the error of the reader aborts the writer.

use anyhow::bail;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

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
        sleep(30.ms()).await;
        say!("has written {row}");
        book.push(row);
    }
    Ok(book)
}

async fn keep(month: &str, statement: [Row; 3]) {
    let (send, receive) = mpsc::channel(1);
    let (reader, writer) = (read(statement, send), write(receive));
    let writer = tokio::spawn(writer.try_lane("writer"));
    if let Err(error) = reader.try_lane("reader").await {
        writer.abort();
        return say!("{month} is dropped: {error}");
    }
    match writer.await.expect("the writer does not panic") {
        Ok(book) => say!("{month} is committed: {} rows", book.len()),
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
