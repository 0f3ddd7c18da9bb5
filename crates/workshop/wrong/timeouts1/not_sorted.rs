//! The times are right, and the lines are in the order of the code.
//! message: Put your lines into the order of their times first.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

const PREDICTION: &[(u64, &str)] = &[
    (0, "uploads photos"),
    (50, "stops waiting for photos"),
    (50, "uploads mails"),
    (100, "stops waiting for mails"),
    (200, "ends"),
    (130, "mails are saved"),
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
