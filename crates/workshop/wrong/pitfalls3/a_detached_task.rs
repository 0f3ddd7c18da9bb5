//! Each message is saved by a task of its own, and the recorder does not wait for them.
//! message: The recorder ends before the last message is saved.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    let mut heartbeat = interval_at(Instant::now() + 50.ms(), 50.ms());
    loop {
        select! {
            message = chat.recv() => match message {
                Some(message) => drop(tokio::spawn(save(message))),
                None => return,
            },
            _ = heartbeat.tick() => say!("is alive"),
        }
    }
}

async fn save(message: &str) {
    sleep(25.ms()).step("save").await;
    say!("saved {message}");
}

/// Given code: do not change it.
async fn run() {
    let (send, chat) = mpsc::channel(10);
    let people = async move {
        for (pause, message) in
            [(40, "hello"), (5, "who is here?"), (50, "me"), (50, "bye")]
        {
            sleep(pause.ms()).await;
            send.send(message).await.expect("the recorder still runs");
        }
    };
    join!(people.lane("people"), record(chat).lane("recorder"));
}

fn main() {
    exercise::show(run());
}
