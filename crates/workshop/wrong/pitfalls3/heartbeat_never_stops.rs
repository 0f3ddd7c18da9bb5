//! The heartbeat is a spawned task, and nothing stops it.
//! message: a task runs on if nothing aborts it.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    tokio::spawn(async {
        loop {
            sleep(50.ms()).await;
            say!("is alive");
        }
    });
    while save_next(&mut chat).await.is_some() {}
}

async fn save_next(chat: &mut Receiver<&'static str>) -> Option<()> {
    let message = chat.recv().await?;
    sleep(25.ms()).step("save").await;
    say!("saved {message}");
    Some(())
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
