//! A task asks the bank, and the invoices wait for the value of a `watch` channel.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::watch, time::sleep};

async fn both_invoices() -> (u32, u32) {
    let (send, receive) = watch::channel(None);
    tokio::spawn(async move { send.send_replace(Some(exchange_rate().await)) });
    let first = invoice(80, value(receive.clone())).lane("invoice 1");
    let second = invoice(200, value(receive)).lane("invoice 2");
    join!(first, second)
}

async fn value(mut rate: watch::Receiver<Option<u32>>) -> u32 {
    rate.wait_for(Option::is_some).await.expect("the bank answers").expect("it is some")
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
