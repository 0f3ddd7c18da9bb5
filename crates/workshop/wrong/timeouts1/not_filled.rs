//! No line is deleted, and not every time is filled in.
//! message: Replace each 9999 by a time first.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

const PREDICTION: &[(u64, &str)] = &[
    (0, "uploads photos"),
    (50, "stops waiting for photos"),
    (9999, "uploads mails"),
    (9999, "stops waiting for mails"),
    (9999, "photos are saved"),
    (9999, "mails are saved"),
    (9999, "ends"),
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
