//! The handler of the heartbeat waits for the message, which may be late.
//! message: While the handler after `=>` waits for a message

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    let mut heartbeat = interval_at(Instant::now() + 50.ms(), 50.ms());
    loop {
        let mut saving = std::pin::pin!(save_next(&mut chat));
        let saved = select! {
            saved = &mut saving => saved,
            _ = heartbeat.tick() => {
                say!("is alive");
                saving.await
            }
        };
        if saved.is_none() {
            return;
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
