//! The request is the third future of `join!`, so the bank is asked at 0 ms. A `OnceCell` holds its result.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::OnceCell, time::sleep};

async fn both_invoices() -> (u32, u32) {
    let rate = OnceCell::new();
    let first = invoice(80, of(&rate)).lane("invoice 1");
    let second = invoice(200, of(&rate)).lane("invoice 2");
    let (first, second, _) = join!(first, second, of(&rate));
    (first, second)
}

async fn of(rate: &OnceCell<u32>) -> u32 {
    *rate.get_or_init(exchange_rate).await
}

// A larger invoice takes longer.
async fn invoice(dollars: u32, rate: impl Future<Output = u32>) -> u32 {
    sleep(1.ms() * dollars / 2).step("preparing").await;
    let cents = dollars * rate.await;
    say!("costs {cents} cents");
    cents
}

// The bank does not change. It returns the cents of a dollar.
async fn exchange_rate() -> u32 {
    say!("the bank is asked");
    sleep(50.ms()).await;
    92
}

fn main() {
    exercise::show(both_invoices());
}
