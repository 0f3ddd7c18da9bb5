//! timeouts3 · 15 minutes · keep half a message when a ping is due
//!
//! A phone sends each chat message in two frames: its author, then its text. The relay shows each
//! message when it is complete, and it must send a ping every 100 ms, so that the connection stays
//! open. Run the program: texts are shown as authors, and whole messages are missing. Mend `relay`, so
//! that no frame is lost and every ping is sent in time.
//!
//! Section: `cargo run -p timeouts -- losing`. Code: crates/07-timeouts/src/losing.rs.
//! Page: docs/src/07-timeouts.md.

use async_kit::{Millis, exercise, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep_until, timeout},
};

async fn read_message(frames: &mut mpsc::Receiver<&'static str>) -> Option<String> {
    let author = frames.recv().await?;
    let text = frames.recv().await?;
    Some(format!("{author}: {text}"))
}

// TODO: no frame may be lost, and no ping may be late. You may change `read_message` too.
async fn relay(mut frames: mpsc::Receiver<&'static str>) {
    let mut pings = interval_at(Instant::now() + 100.ms(), 100.ms());
    loop {
        select! {
            biased;
            message = read_message(&mut frames) => match message {
                Some(message) => say!("{message}"),
                None => return,
            },
            _ = pings.tick() => say!("ping"),
        }
    }
}

/// Do not change it: the frames of the phone, and when it sends them, in milliseconds.
async fn run(frames: &'static [(u64, &'static str)]) {
    let (phone, received) = mpsc::channel(1);
    let start = Instant::now();
    tokio::spawn(async move {
        for (at, frame) in frames {
            sleep_until(start + at.ms()).await;
            phone.send(*frame).await.expect("the relay is there");
        }
    });
    let relay = timeout(10.secs(), relay(received));
    relay.await.expect("the relay ends when the phone has hung up");
}

const CHAT: &[(u64, &str)] =
    &[(20, "Ada"), (40, "hello"), (80, "Bob"), (130, "hi"), (150, "Eve"), (160, "bye")];

fn main() {
    exercise::show(run(CHAT));
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
    };

    use async_kit::{Millis, exercise};
    use tokio::{
        sync::mpsc,
        time::{Instant, sleep_until, timeout},
    };

    use super::{CHAT, relay, run};

    const LOST: &str = "The ping drops the future of the other branch, and the author that this \
                        future has received is lost with it. Where does the author have to be, to \
                        outlive one turn of the loop?";

    #[test]
    fn a_ping_in_the_middle_of_a_message_loses_no_frame() {
        let run = exercise::observe(run(CHAT));
        run.takes(160.ms(), "The relay ends when the phone has hung up, and not before.");
        run.prints_at(
            100.ms(),
            "ping",
            "A ping is due every 100 ms, also while frames come: a `timeout` or a `sleep` that begins \
             again with each frame is late. While the body of a branch awaits, `select!` polls no \
             other branch, so the ping is late: await the second frame in a branch, not in a body.",
        );
        run.prints_at(130.ms(), "Bob: hi", LOST);
        run.prints_at(160.ms(), "Eve: bye", LOST);
    }

    #[test]
    fn a_slow_writer_is_pinged_and_loses_nothing() {
        let run = exercise::observe(async {
            run(&[(50, "Ada"), (350, "sorry, I am slow")]).await;
            sleep_until(Instant::now() + 1.secs()).await;
        });
        run.prints_at(350.ms(), "Ada: sorry, I am slow", LOST);
        let pings = run.lines().iter().filter(|line| line.text == "ping").count();
        run.require(
            pings == 3,
            format!("the relay sends {pings} pings"),
            "it sends 3, one every 100 ms, until the phone hangs up after 350 ms",
            "A ping is due whatever the phone sends, and none after the relay has ended: a spawned \
             task continues until it is aborted.",
        );
    }

    #[test]
    fn a_relay_that_waits_is_polled_only_for_its_pings() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&polls);
        let run = exercise::observe(async move {
            let (_phone, received) = mpsc::channel(1);
            let mut relay = pin!(relay(received));
            let counted = poll_fn(|context| {
                counter.fetch_add(1, SeqCst);
                relay.as_mut().poll(context)
            });
            let _ = timeout(1.secs(), counted).await;
        });
        let polls = polls.load(SeqCst);
        run.require(
            polls < 30,
            format!("in a second with 10 pings and no frame, the relay was polled {polls} times"),
            "fewer than 30 times",
            "The relay polls the channel again and again. That uses processor time, and a frame \
             waits until the next poll. `recv` waits, and wakes the relay when a frame comes.",
        );
    }
}
