//! pitfalls1 · 5 minutes · a task cannot borrow the variables of the function that spawned it
//!
//! A letter is sent to several readers at the same time, each from its own task. The program does
//! not compile: read the error, and make the compiler accept it.
//!
//! - All readers get their letter at the same time, after 40 ms.
//! - There is one `Letter`, not a copy for each reader: it may be large.
//! - When all readers have it, the letter is dropped and its memory is freed.
//!
//! Section: `cargo run -p pitfalls -- refused`. Code: crates/17-pitfalls/src/refused.rs.
//! Page: docs/src/17-pitfalls.md.

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
    let mut tasks = JoinSet::new();
    for reader in readers {
        // TODO: make the compiler accept this task.
        tasks.spawn(async { send(&letter).await }.lane(reader));
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

#[cfg(test)]
mod tests {
    use async_kit::{
        Millis,
        exercise::{self, Tally},
    };

    use super::run;

    #[test]
    fn all_readers_get_one_letter_at_the_same_time_and_then_it_is_dropped() {
        let letters = Tally::default();
        let run = exercise::observe(run(letters.clone()));
        let is_sent = !run.lines().is_empty();
        run.require(
            is_sent,
            "no reader got the letter",
            "each of them gets it",
            "A set of tasks that is dropped aborts them. Wait for all of them.",
        );
        let likely = "The letters are sent one after the other: an `.await` in the loop waits for \
                      each, or each task holds a lock while it sends.";
        run.concurrently("send", 3, likely);
        run.prints_at(
            40.ms(),
            "Cid has got: we are open",
            "Each reader gets the same text.",
        );
        let (alive, peak) = (letters.alive(), letters.peak());
        let leak = "A leaked value is `'static`, and it is never dropped. Who owns the \
                    letter as long as any task needs it?";
        run.require(
            alive == 0,
            format!("{alive} letters are still in memory"),
            "none",
            leak,
        );
        let copies = "Each task has a copy. Several owners can share one value.";
        run.require(peak == 1, format!("{peak} letters were in memory"), "1", copies);
    }
}
