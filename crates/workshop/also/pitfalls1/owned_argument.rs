//! The lane and the task are made by a function that owns its `Arc`.

use std::sync::Arc;

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::{task::JoinSet, time::sleep};

/// A letter; it is counted as long as it is in memory. Given code: do not change it.
struct Letter {
    text: String,
    _in_memory: Counted,
}

async fn send_to_all(letter: Letter, readers: [&'static str; 3]) {
    let letter = Arc::new(letter);
    let mut tasks = JoinSet::new();
    for reader in readers {
        tasks.spawn(send_owned(Arc::clone(&letter)).lane(reader));
    }
    tasks.join_all().await;
}

async fn send_owned(letter: Arc<Letter>) {
    send(&letter).await;
}

/// Given code: do not change it.
async fn send(letter: &Letter) {
    sleep(40.ms()).step("send").await;
    say!("has got: {}", letter.text);
}

/// Given code: do not change it.
async fn run(letters: Tally) {
    let letter = Letter { text: "we are open".to_owned(), _in_memory: letters.track() };
    send_to_all(letter, ["Ann", "Bob", "Cid"]).await;
}

fn main() {
    exercise::show(run(Tally::default()));
}
