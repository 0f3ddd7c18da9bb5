//! timeouts1 · 5 minutes · predict what continues after a timeout
//!
//! A backup uploads two folders, and waits 50 ms for each. Each upload needs 80 ms. Read `run`, and
//! write down what it prints and when, before you run it. One of the lines is never printed: delete it.
//!
//! Section: `cargo run -p timeouts -- shield`. Code: crates/07-timeouts/src/shield.rs.
//! Page: docs/src/07-timeouts.md.

use async_kit::{Millis, exercise, say};
use tokio::time::{sleep, timeout};

// TODO: replace each 9999 by the time in milliseconds, put the lines into the right order, and delete
// the line that is never printed.
const PREDICTION: &[(u64, &str)] = &[
    (9999, "uploads photos"),
    (9999, "stops waiting for photos"),
    (9999, "photos are saved"),
    (9999, "uploads mails"),
    (9999, "stops waiting for mails"),
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

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{PREDICTION, run};

    #[test]
    fn the_prediction_is_what_the_run_prints() {
        exercise::require_complete(PREDICTION);
        let run = exercise::observe(run());
        let predicted = |text: &str| PREDICTION.iter().any(|(_, line)| *line == text);
        run.require(
            predicted("mails are saved"),
            "your prediction has no line \"mails are saved\"",
            "the run prints that line",
            "The timeout drops what it was given, and that is only the handle of the task. A task \
             whose handle is dropped continues.",
        );
        run.require(
            !predicted("photos are saved"),
            "your prediction has the line \"photos are saved\"",
            "the run never prints that line",
            "The timeout drops the future of the upload in the middle of its `sleep`. A dropped \
             future never continues.",
        );
        run.prints_as_predicted(
            PREDICTION,
            "`timeout` starts its work when it is awaited, and returns after 50 ms. Meanwhile a \
             task runs by itself: it needs 80 ms from its own start.",
        );
    }
}
