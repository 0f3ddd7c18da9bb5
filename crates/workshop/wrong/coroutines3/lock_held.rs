//! The first invoice holds the lock of the rate, and asks under it each time.
//! message: the bank was asked 2 times

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

async fn both_invoices() -> (u32, u32) {
    let rate = tokio::sync::Mutex::new(());
    let ask = async || {
        let _one = rate.lock().await;
        exchange_rate().await
    };
    let first = invoice(80, ask()).lane("invoice 1");
    let second = invoice(200, ask()).lane("invoice 2");
    join!(first, second)
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
