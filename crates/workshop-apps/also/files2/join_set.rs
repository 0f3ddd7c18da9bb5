//! A `JoinSet` of two tasks: dropping it aborts the task that is left.

use anyhow::bail;
use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

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
    let mut stages = JoinSet::new();
    stages.spawn(async { reader.try_lane("reader").await.map(|()| Vec::new()) });
    stages.spawn(writer.try_lane("writer"));
    let mut rows = 0;
    while let Some(stage) = stages.join_next().await {
        match stage.expect("a stage does not panic") {
            Ok(book) => rows += book.len(),
            Err(error) => return say!("{month} is dropped: {error}"),
        }
    }
    say!("{month} is committed: {rows} rows");
}

async fn run() {
    keep("may", ["rent", "salary", "?"]).await;
    keep("june", ["rent", "salary", "coffee"]).await;
}

fn main() {
    exercise::show(run());
}
