//! Both loops are joined, and one never ends.
//! message: The loop of the heartbeat does not end with the chat

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    let mut heartbeat = interval_at(Instant::now() + 50.ms(), 50.ms());
    let saving = async { while save_next(&mut chat).await.is_some() {} };
    let beating = async {
        loop {
            heartbeat.tick().await;
            say!("is alive");
        }
    };
    join!(saving, beating);
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
