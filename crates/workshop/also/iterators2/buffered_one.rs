//! `buffered(1)` fetches one page at a time, and only on demand.

use async_kit::{Millis, exercise, say};
use futures::{Stream, StreamExt, future::ready, stream};
use tokio::time::sleep;

async fn fetch(page: usize) -> Vec<u32> {
    assert!(page > 0, "the first page is page 1");
    assert!(page < 10, "page 4 was empty, and the stream has not ended");
    say!("fetches page {page}");
    sleep(20.ms()).await;
    (101..=107).skip(3 * (page - 1)).take(3).collect()
}

fn invoices() -> impl Stream<Item = u32> {
    let pages = stream::iter(1..).map(fetch).buffered(1);
    pages.take_while(|found| ready(!found.is_empty())).flat_map(stream::iter)
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
