//! The invoices read a `watch` channel without waiting for its first value.
//! message: It waits for the rate, also if the bank has not answered

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

async fn both_invoices() -> (u32, u32) {
    let (send, receive) = tokio::sync::watch::channel(0);
    let ask = async move { send.send_replace(exchange_rate().await) };
    let first = invoice(80, async { *receive.borrow() }).lane("invoice 1");
    let second = invoice(200, async { *receive.borrow() }).lane("invoice 2");
    let (first, second, _) = join!(first, second, ask);
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
