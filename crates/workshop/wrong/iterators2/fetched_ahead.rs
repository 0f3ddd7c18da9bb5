//! A task sends the invoices to a channel, and fetches ahead of the reader.
//! message: Something fetches ahead of the reader

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
    let (send, receive) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for page in 1.. {
            let found = fetch(page).await;
            if found.is_empty() {
                return;
            }
            for invoice in found {
                if send.send(invoice).await.is_err() {
                    return;
                }
            }
        }
    });
    stream::unfold(receive, async |mut receive| Some((receive.recv().await?, receive)))
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
