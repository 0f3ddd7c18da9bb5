//! `timeout` instead of `select!`: it drops the half message in the same way.
//! message: The ping drops the future of the other branch

use async_kit::{Millis, exercise, say};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout, timeout_at},
};

async fn read_message(frames: &mut mpsc::Receiver<&'static str>) -> Option<String> {
    let author = frames.recv().await?;
    let text = frames.recv().await?;
    Some(format!("{author}: {text}"))
}

async fn relay(mut frames: mpsc::Receiver<&'static str>) {
    let mut ping = Instant::now() + 100.ms();
    loop {
        match timeout_at(ping, read_message(&mut frames)).await {
            Ok(Some(message)) => say!("{message}"),
            Ok(None) => return,
            Err(_) => {
                say!("ping");
                ping += 100.ms();
            }
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
