//! pitfalls3 · 10 minutes · a `select!` loop loses no message, and its heartbeat is not late
//!
//! A recorder saves the messages of a chat, 25 ms each, and prints a heartbeat every 50 ms. Run the
//! program: it loses three of four messages. Change `record`:
//!
//! - Every message is saved, one after the other.
//! - The heartbeat comes at 50 ms, 100 ms and 150 ms, also while a message is saved.
//! - The recorder ends when the chat has ended and the last message is saved.
//!
//! Section: `cargo run -p pitfalls -- lost_item`. Code: crates/17-pitfalls/src/lost_item.rs.
//! Page: docs/src/17-pitfalls.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::mpsc::{self, Receiver},
    time::{Instant, interval_at, sleep},
};

async fn record(mut chat: Receiver<&'static str>) {
    let mut heartbeat = interval_at(Instant::now() + 50.ms(), 50.ms());
    // TODO: lose no message, and keep the heartbeat on time.
    loop {
        select! {
            saved = save_next(&mut chat) => if saved.is_none() { return },
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

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};
    use tokio::time::sleep;

    use super::{record, run};

    const ENDLESS_HEARTBEAT: &str = "The loop of the heartbeat does not end with the chat, and \
                                     `join!` waits for both loops.";

    fn lines(run: &exercise::Observed<()>, start: &str) -> Vec<String> {
        let lines = run.lines().iter().filter(|line| line.text.starts_with(start));
        lines.map(|line| format!("{} ms {}", line.at.as_millis(), line.text)).collect()
    }

    #[test]
    fn every_message_is_saved_and_the_heartbeat_is_on_time() {
        let run = exercise::observe_or(run(), ENDLESS_HEARTBEAT);
        let saved = lines(&run, "saved");
        let likely = if saved.iter().any(|line| line.ends_with("hello")) {
            "The recorder ends before the last message is saved."
        } else {
            "When one branch is ready, `select!` drops the future of the other branch, \
             with the message that this future has received."
        };
        let happened = format!("{} of 4 messages are saved: {saved:?}", saved.len());
        run.require(saved.len() == 4, happened, "each message is saved once", likely);
        run.require(
            lines(&run, "is alive")
                == ["50 ms is alive", "100 ms is alive", "150 ms is alive"],
            format!("{:?}", lines(&run, "is alive")),
            "at 50 ms, 100 ms and 150 ms, and none later",
            "While the handler after `=>` runs, no branch is polled, so a slow handler \
             delays the heartbeat. A future that is made once, before the loop, can be a \
             branch as `&mut`.",
        );
        run.require(
            saved[1] == "90 ms saved who is here?",
            format!("{saved:?}"),
            "90 ms saved who is here?",
            "The messages are saved one after the other, each as soon as possible.",
        );
        run.takes(170.ms(), "The recorder ends when the last message is saved.");
    }

    #[test]
    fn the_heartbeat_is_on_time_in_a_silent_chat_and_ends_with_it() {
        let people_are_silent = async {
            let (send, chat) = tokio::sync::mpsc::channel(1);
            let silent = async move {
                sleep(120.ms()).await;
                drop(send);
            };
            tokio::join!(silent.lane("people"), record(chat).lane("recorder"));
            sleep(100.ms()).await;
        };
        let run = exercise::observe_or(people_are_silent, ENDLESS_HEARTBEAT);
        let beats = lines(&run, "is alive");
        let likely = if beats.len() > 2 {
            "The heartbeat goes on after the recorder has ended: a task runs on if \
             nothing aborts it."
        } else {
            "While the handler after `=>` waits for a message, no branch is polled."
        };
        run.require(
            beats == ["50 ms is alive", "100 ms is alive"],
            format!("{beats:?}"),
            "at 50 ms and 100 ms; the chat ends at 120 ms",
            likely,
        );
    }
}
