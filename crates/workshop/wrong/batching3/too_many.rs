//! Everything that waits in the queue goes into the batch.
//! message: A batch has at most four readings, and it is written as soon as it has four.

use async_kit::{Millis, exercise, say};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

async fn store(mut readings: mpsc::Receiver<u32>) {
    while let Some(first) = readings.recv().await {
        let deadline = Instant::now() + 100.ms();
        let mut batch = vec![first];
        while batch.len() < 4 {
            tokio::select! {
                biased;
                count = readings.recv_many(&mut batch, 10) => if count == 0 { break },
                () = sleep_until(deadline) => break,
            }
        }
        write(batch);
    }
}

/// Do not change it.
fn write(batch: Vec<u32>) {
    say!("writes {batch:?}");
}

/// Do not change it: sends the readings 1, 2, 3 … at these times, in milliseconds, and hangs up.
async fn run(times: &'static [u64], hangs_up: u64) {
    let (meter, readings) = mpsc::channel(16);
    let start = Instant::now();
    tokio::spawn(async move {
        for (reading, at) in (1..).zip(times) {
            sleep_until(start + at.ms()).await;
            meter.send(reading).await.expect("the database is there");
        }
        sleep_until(start + hangs_up.ms()).await;
    });
    let stored = timeout(10.secs(), store(readings));
    stored.await.expect("`store` returns when the meter has hung up");
}

fn main() {
    exercise::show(run(&[0, 10, 20, 30, 250, 320, 380, 510], 550));
}
