//! `timeout` returns when the upload has ended.
//! message: and returns after 50 ms.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

const PREDICTION: &[(u64, &str)] = &[
    (0, "uploads photos"),
    (80, "stops waiting for photos"),
    (80, "uploads mails"),
    (160, "stops waiting for mails"),
    (160, "mails are saved"),
    (260, "ends"),
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
