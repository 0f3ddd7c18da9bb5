//! All pages are collected into a list before the first invoice is yielded.
//! message: A page is fetched before the reader has read the page before it

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
    let all = async {
        let (mut all, mut page) = (Vec::new(), 1);
        loop {
            let found = fetch(page).await;
            if found.is_empty() {
                return stream::iter(all);
            }
            all.extend(found);
            page += 1;
        }
    };
    stream::once(all).flatten()
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
