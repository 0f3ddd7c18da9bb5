//! A slow listener of a broadcast misses items, but does not slow the sender or other listeners.
//!
//! asyncio: a queue for each listener, and the sender keeps a list of the queues. Tokio: one
//! `broadcast` channel, which stores the newest items once for all listeners. `recv` clones them,
//! and returns an error with the number of items that the listener missed.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::sleep,
};

/// A news item is sent every 20 ms. One listener needs 5 ms for each item, and one needs 65 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    // The channel also rounds its capacity up. This line only makes that visible.
    let capacity = knob("capacity", 2, 1..=8_usize).next_power_of_two();
    ask("capacity=1", "how many of the 8 items does the slow listener get?");
    broadcast_news(capacity).await
}

// ANCHOR: broadcast
async fn broadcast_news(capacity: usize) -> anyhow::Result<()> {
    let (news, quick) = broadcast::channel(capacity);
    // A listener gets only items that are sent after it has subscribed.
    let slow = news.subscribe();
    let radio = tokio::spawn(send_news(news).try_lane("radio"));
    let quick = tokio::spawn(listen(quick, 5.ms()).lane("quick listener"));
    let slow = tokio::spawn(listen(slow, 65.ms()).lane("slow listener"));
    radio.await??;
    quick.await?;
    slow.await?;
    Ok(())
}

async fn send_news(news: broadcast::Sender<u32>) -> anyhow::Result<()> {
    for item in 0..8 {
        sleep(20.ms()).step("writing").await;
        // `send` never waits: if the channel is full, the oldest item is overwritten, even if a
        // listener has not read it yet.
        news.send(item)?;
    }
    Ok(())
}

async fn listen(mut news: broadcast::Receiver<u32>, listening: Duration) {
    loop {
        match news.recv().await {
            Ok(item) => {
                say!("gets {item}");
                sleep(listening).step("listening").await;
            }
            Err(RecvError::Lagged(missed)) => say!("missed {missed} item(s)"),
            Err(RecvError::Closed) => return,
        }
    }
}
// ANCHOR_END: broadcast

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn lines_of(lane: &str, capacity: usize) -> Vec<String> {
        let seen = virtual_time(Transcript::of(broadcast_news(capacity)));
        let of_lane =
            seen.lines().iter().filter(|line| line.lane.as_deref() == Some(lane));
        of_lane.map(|line| line.text.clone()).collect()
    }

    fn all() -> Vec<String> {
        (0..8).map(|item| format!("gets {item}")).collect()
    }

    #[test]
    fn a_slow_listener_does_not_slow_a_quick_one() {
        for capacity in [1, 2, 8] {
            assert_eq!(lines_of("quick listener", capacity), all());
        }
    }

    #[test]
    fn a_slow_listener_gets_the_number_of_items_that_it_missed() {
        let expected = [
            "gets 0",
            "missed 1 item(s)",
            "gets 2",
            "missed 2 item(s)",
            "gets 5",
            "gets 6",
            "gets 7",
        ];
        assert_eq!(lines_of("slow listener", 2), expected);
    }

    #[test]
    fn with_enough_room_a_slow_listener_misses_nothing() {
        assert_eq!(lines_of("slow listener", 8), all());
    }
}
