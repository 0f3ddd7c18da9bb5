//! A reader keeps the author, so that its method is cancel safe.

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep_until, timeout},
};

struct Messages {
    frames: mpsc::Receiver<&'static str>,
    author: Option<&'static str>,
}

impl Messages {
    async fn next(&mut self) -> Option<String> {
        if self.author.is_none() {
            self.author = Some(self.frames.recv().await?);
        }
        let text = self.frames.recv().await?;
        Some(format!("{}: {text}", self.author.take()?))
    }
}

async fn relay(frames: mpsc::Receiver<&'static str>) {
    let mut messages = Messages { frames, author: None };
    let mut pings = interval_at(Instant::now() + 100.ms(), 100.ms());
    loop {
        select! {
            biased;
            message = messages.next() => match message {
                Some(message) => say!("{message}"),
                None => return,
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
