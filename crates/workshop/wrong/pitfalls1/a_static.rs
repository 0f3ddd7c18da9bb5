//! A static holds the letter, so that each task may borrow it.
//! message: A leaked value is `'static`, and it is never dropped.

use std::sync::OnceLock;

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
    static LETTER: OnceLock<Letter> = OnceLock::new();
    let letter = LETTER.get_or_init(|| letter);
    let mut tasks = JoinSet::new();
    for reader in readers {
        tasks.spawn(async move { send(letter).await }.lane(reader));
    }
    tasks.join_all().await;
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
