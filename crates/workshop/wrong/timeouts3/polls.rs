//! `try_recv` cannot lose a frame, and the relay polls it every millisecond.
//! message: The relay polls the channel again and again.

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc::{self, error::TryRecvError},
    time::{Instant, interval_at, sleep, sleep_until, timeout},
};

async fn relay(mut frames: mpsc::Receiver<&'static str>) {
    let mut pings = interval_at(Instant::now() + 100.ms(), 100.ms());
    let mut author = None;
    loop {
        match frames.try_recv() {
            Ok(frame) => match author.take() {
                Some(author) => say!("{author}: {frame}"),
                None => author = Some(frame),
            },
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => select! {
                _ = pings.tick() => say!("ping"),
                () = sleep(1.ms()) => {}
            },
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
