//! Without tasks the compiler accepts the loop, and each letter waits for the one before.
//! message: The letters are sent one after the other

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::time::sleep;

/// A letter; it is counted as long as it is in memory. Given code: do not change it.
struct Letter {
    text: String,
    _in_memory: Counted,
}

async fn send_to_all(letter: Letter, readers: [&'static str; 3]) {
    for reader in readers {
        send(&letter).lane(reader).await;
    }
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
