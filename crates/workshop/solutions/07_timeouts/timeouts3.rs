//! `recv` is cancel safe: dropped before it is ready, it has taken no frame. A future that awaits two of
//! them is not, because it holds the first one in a local variable. So the author lives outside the
//! loop, and each turn waits for a single frame.

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep_until, timeout},
};

async fn relay(mut frames: mpsc::Receiver<&'static str>) {
    let mut pings = interval_at(Instant::now() + 100.ms(), 100.ms());
    let mut author = None;
    loop {
        select! {
            biased;
            frame = frames.recv() => match (frame, author.take()) {
                (Some(frame), None) => author = Some(frame),
                (Some(text), Some(author)) => say!("{author}: {text}"),
                (None, _) => return,
            },
            _ = pings.tick() => say!("ping"),
        }
    }
}

/// Do not change it: the frames of the phone, and when it sends them, in milliseconds.
async fn run(frames: &'static [(u64, &'static str)]) {
    let (phone, received) = mpsc::channel(1);
    let start = Instant::now();
    tokio::spawn(async move {
        for (at, frame) in frames {
            sleep_until(start + at.ms()).await;
            phone.send(*frame).await.expect("the relay is there");
        }
    });
    let relay = timeout(10.secs(), relay(received));
    relay.await.expect("the relay ends when the phone has hung up");
}

const CHAT: &[(u64, &str)] =
    &[(20, "Ada"), (40, "hello"), (80, "Bob"), (130, "hi"), (150, "Eve"), (160, "bye")];

fn main() {
    exercise::show(run(CHAT));
}
