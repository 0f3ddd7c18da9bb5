//! queues4 · 15 minutes · answer requests, and lose no room to a guest that has left
//!
//! The reception of a hotel owns the list of its free rooms, so no lock is needed. A guest
//! sends it a request, and the request carries the channel for the reply. Write both sides:
//!
//! - `check_in` sends a request and returns the room of the reply, or `None` if there is no reply.
//! - `receive` serves one guest after the other: the guest signs, and gets a room. If no room is
//!   left, the guest gets no reply.
//! - Guests may leave. A guest that leaves while others sign must cost no time, and a guest that
//!   leaves while signing must cost no room.
//!
//! Section: `cargo run -p queues -- answers`. Code: crates/05-queues/src/answers.rs.
//! Page: docs/src/05-queues.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

struct Request {
    reply: oneshot::Sender<u32>,
}

/// Each guest that checks in has to sign: it takes 30 ms, and must not change.
async fn sign() {
    sleep(30.ms()).step("sign").await;
}

async fn check_in(reception: mpsc::Sender<Request>) -> Option<u32> {
    // TODO: send a request, and return the room of the reply.
    drop(reception);
    None
}

async fn receive(mut requests: mpsc::Receiver<Request>, mut rooms: Vec<u32>) {
    while let Some(Request { reply }) = requests.recv().await {
        sign().await;
        // TODO: reply with a room, and think of guests that have left.
        drop(reply);
    }
}

/// A guest that waits for a room, and leaves after this time. It must not change.
async fn guest(reception: mpsc::Sender<Request>, patience: u64) {
    match timeout(patience.ms(), check_in(reception)).await {
        Ok(Some(room)) => say!("gets room {room}"),
        Ok(None) => say!("gets no room"),
        Err(_) => say!("leaves"),
    }
}

async fn run() {
    let (send, requests) = mpsc::channel(8);
    join!(
        guest(send.clone(), 100).lane("ann"),
        guest(send.clone(), 20).lane("ben"),
        guest(send.clone(), 45).lane("cleo"),
        guest(send.clone(), 300).lane("dora"),
        guest(send, 300).lane("emil"),
        receive(requests, vec![12, 11]).lane("reception"),
    );
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn guests_that_leave_cost_neither_a_room_nor_time() {
        let run = exercise::observe_or(
            run(),
            "The reception does not end when all guests have left: then `recv` returns \
             `None`, if no sender is kept.",
        );
        let of = |name| run.lines().iter().find(|it| it.lane.as_deref() == Some(name));
        let first = of("ann").map_or_else(String::new, ToString::to_string);
        run.require(
            first.starts_with("[  0.030s] ann gets room"),
            if first.is_empty() { "ann prints nothing" } else { &first },
            "[  0.030s] ann gets room 11, or 12",
            "Send a request with a new channel, and await the reply. The reception \
             sends a room through `reply` after each signature.",
        );
        let other = if first.ends_with("11") { "gets room 12" } else { "gets room 11" };
        run.require(
            of("dora").is_some_and(|line| line.at <= 90.ms()),
            "dora has waited longer than 90 ms",
            "dora has an answer at 90 ms at the latest",
            "The reception waits for a guest that has left: ben left at 20 ms. Check \
             `reply`.",
        );
        let cleo_stays = if of("cleo").is_some_and(|line| line.at >= 30.ms()) {
            "A room was taken for ben after ben had left. Check `reply` before you take a room."
        } else {
            "Serve one guest after the other."
        };
        for (guest, text, likely) in [
            ("cleo", "leaves", cleo_stays),
            ("dora", other, "Cleo left, and her room is lost: `send` returns it."),
            (
                "emil",
                "gets no room",
                "There are two rooms. If none is left, drop the reply: then its guest gets `None`.",
            ),
        ] {
            let seen = of(guest).map_or("prints nothing", |line| &line.text);
            run.require(
                seen == text,
                format!("{guest} {seen}"),
                format!("{guest} {text}"),
                likely,
            );
        }
    }
}
