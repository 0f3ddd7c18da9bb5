//! `timeout` owns what it waits for, and drops it when the time is over. The upload of the photos is
//! such a future, so it ends in the middle. The upload of the mails is a task: `timeout` owns only its
//! handle, and the task continues, until 50 + 80 = 130 ms.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

const PREDICTION: &[(u64, &str)] = &[
    (0, "uploads photos"),
    (50, "stops waiting for photos"),
    (50, "uploads mails"),
    (100, "stops waiting for mails"),
    (130, "mails are saved"),
    (200, "ends"),
];

async fn upload(folder: &str) {
    say!("uploads {folder}");
    sleep(80.ms()).await;
    say!("{folder} are saved");
}

async fn run() {
    if timeout(50.ms(), upload("photos")).await.is_err() {
        say!("stops waiting for photos");
    }
    let mails = tokio::spawn(upload("mails"));
    if timeout(50.ms(), mails).await.is_err() {
        say!("stops waiting for mails");
    }
    sleep(100.ms()).await;
    say!("ends");
}

fn main() {
    exercise::show_prediction(PREDICTION, run());
}
