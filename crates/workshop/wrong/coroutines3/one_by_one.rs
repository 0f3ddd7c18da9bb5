//! The second invoice begins when the first has its rate.
//! message: One invoice is prepared after the other.

use async_kit::{Lane, Millis, exercise, say};
use futures::FutureExt;
use tokio::{join, time::sleep};

async fn both_invoices() -> (u32, u32) {
    let rate = exchange_rate().shared();
    let first = invoice(80, rate.clone()).lane("invoice 1").await;
    let second = invoice(200, rate).lane("invoice 2").await;
    (first, second)
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
