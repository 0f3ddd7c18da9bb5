//! `chunks` of `futures` waits for four readings, however long that takes.
//! message: The 100 ms begin with the first reading of the batch.

use async_kit::{Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

async fn store(mut readings: mpsc::Receiver<u32>) {
    let readings = stream::poll_fn(move |cx| readings.poll_recv(cx));
    readings.chunks(4).for_each(async |batch| write(batch)).await;
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
