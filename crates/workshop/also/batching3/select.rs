//! One loop with `select!`, and a deadline that exists only while the batch has a reading.

use std::mem::take;

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

async fn store(mut readings: mpsc::Receiver<u32>) {
    let (mut batch, mut deadline) = (Vec::new(), Instant::now());
    loop {
        select! {
            reading = readings.recv() => match reading {
                Some(reading) => {
                    if batch.is_empty() {
                        deadline = Instant::now() + 100.ms();
                    }
                    batch.push(reading);
                    if batch.len() == 4 {
                        write(take(&mut batch));
                    }
                }
                None => break,
            },
            () = sleep_until(deadline), if !batch.is_empty() => write(take(&mut batch)),
        }
    }
    if !batch.is_empty() {
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
