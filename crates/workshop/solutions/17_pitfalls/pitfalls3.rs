//! `select!` drops the future of the branch that is not ready. So the future that holds a message
//! is made once, before the loop, and the branch has only a reference to it: dropping the reference
//! cancels nothing.

use std::pin::pin;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    let mut heartbeat = interval_at(Instant::now() + 50.ms(), 50.ms());
    let mut saving = pin!(async { while save_next(&mut chat).await.is_some() {} });
    loop {
        select! {
            () = &mut saving => return,
            _ = heartbeat.tick() => say!("is alive"),
        }
    }
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
