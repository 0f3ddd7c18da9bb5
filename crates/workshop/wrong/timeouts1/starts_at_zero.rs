//! Predicts that the task starts together with the first upload.
//! message: it needs 80 ms from its own start.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

const PREDICTION: &[(u64, &str)] = &[
    (0, "uploads photos"),
    (0, "uploads mails"),
    (50, "stops waiting for photos"),
    (80, "mails are saved"),
    (100, "stops waiting for mails"),
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
    println!("   you predict:");
    for (millis, line) in PREDICTION {
        println!("   {millis:5} ms  {line}");
    }
    println!("   the run:");
    exercise::show(run());
}
