//! The token drops the invoice that is being sent.
//! message: An invoice is cut off in the middle

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
    while closes.run_until_cancelled(send_invoice(takes)).await.is_some() {}
}

async fn close(mut mailers: JoinSet<()>, closes: CancellationToken) {
    closes.cancel();
    let finished = async { while mailers.join_next().await.is_some() {} };
    if timeout(150.ms(), finished).await.is_err() {
        mailers.shutdown().await;
    }
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
