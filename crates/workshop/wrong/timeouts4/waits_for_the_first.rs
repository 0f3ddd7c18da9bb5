//! `close` waits for the first mailer that ends, and aborts the others.
//! message: wait for every mailer, not only for the first.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Do not change it: an invoice takes a mailer this many milliseconds.
async fn send_invoice(takes: u64) {
    sleep(takes.ms()).step("sending").await;
    say!("has sent an invoice");
}

async fn mailer(takes: u64, closes: CancellationToken) {
    while !closes.is_cancelled() {
        send_invoice(takes).await;
    }
}

async fn close(mut mailers: JoinSet<()>, closes: CancellationToken) {
    closes.cancel();
    let _ = timeout(150.ms(), mailers.join_next()).await;
    mailers.shutdown().await;
}

async fn run(mailers: &'static [u64]) {
    let (mut tasks, closes) = (JoinSet::new(), CancellationToken::new());
    for takes in mailers {
        let name = format!("mailer-{takes}");
        tasks.spawn(mailer(*takes, closes.clone()).lane(name));
    }
    sleep(100.ms()).await;
    say!("the office closes");
    let closed = timeout(10.secs(), close(tasks, closes));
    closed.await.expect("the office closes");
}

fn main() {
    exercise::show(run(&[40, 70, 400]));
}
