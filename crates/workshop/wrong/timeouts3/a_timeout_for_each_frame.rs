//! The ping is due 100 ms after the last frame: each frame starts the timeout again.
//! message: a `timeout` or a `sleep` that begins again with each frame is late

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep_until, timeout},
};

async fn read_message(frames: &mut mpsc::Receiver<&'static str>) -> Option<String> {
    let author = frames.recv().await?;
    let text = frames.recv().await?;
    Some(format!("{author}: {text}"))
}

async fn relay(mut frames: mpsc::Receiver<&'static str>) {
    let mut author = None;
    loop {
        match timeout(100.ms(), frames.recv()).await {
            Ok(Some(frame)) => match author.take() {
                None => author = Some(frame),
                Some(author) => say!("{author}: {frame}"),
            },
            Ok(None) => return,
            Err(_) => say!("ping"),
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
