//! A broadcast gives every listener its own copy, and tells a slow one how much it missed.
//!
//! asyncio: a queue for each listener, kept in a list by whoever sends. Tokio: one `broadcast`
//! channel, which holds the newest values once for all.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::sleep,
};

/// News every 20 ms, for a listener who needs 5 ms for each and one who needs 65 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    // The channel rounds its capacity up like this by itself.
    let capacity = knob("capacity", 2, 1..=8_usize).next_power_of_two();
    tell_everybody(capacity).await
}

// ANCHOR: broadcast
async fn tell_everybody(capacity: usize) -> anyhow::Result<()> {
    let (news, quick) = broadcast::channel(capacity);
    // A listener hears what is said from its subscription on.
    let slow = news.subscribe();
    let radio = tokio::spawn(speak(news).try_lane("radio"));
    let quick = tokio::spawn(listen(quick, 5.ms()).lane("quick"));
    let slow = tokio::spawn(listen(slow, 65.ms()).lane("slow"));
    radio.await??;
    quick.await?;
    slow.await?;
    Ok(())
}

async fn speak(news: broadcast::Sender<u32>) -> anyhow::Result<()> {
    for item in 0..8 {
        sleep(20.ms()).step("writing").await;
        // Never waits: what nobody has read yet is overwritten, the oldest first.
        news.send(item)?;
    }
    Ok(())
}

async fn listen(mut news: broadcast::Receiver<u32>, hearing: Duration) {
    loop {
        match news.recv().await {
            Ok(item) => {
                say!("hears {item}");
                sleep(hearing).step("listening").await;
            }
            Err(RecvError::Lagged(missed)) => say!("missed {missed}"),
            Err(RecvError::Closed) => return,
        }
    }
}
// ANCHOR_END: broadcast

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn said_by(lane: &str, capacity: usize) -> Vec<String> {
        let seen = virtual_time(Transcript::of(tell_everybody(capacity)));
        let of_lane =
            seen.lines().iter().filter(|line| line.lane.as_deref() == Some(lane));
        of_lane.map(|line| line.text.clone()).collect()
    }

    fn all() -> Vec<String> {
        (0..8).map(|item| format!("hears {item}")).collect()
    }

    #[test]
    fn a_slow_listener_does_not_slow_a_quick_one() {
        for capacity in [1, 2, 8] {
            assert_eq!(said_by("quick", capacity), all());
        }
    }

    #[test]
    fn a_slow_listener_learns_how_much_it_missed() {
        let said = said_by("slow", 2);
        let expected = [
            "hears 0", "missed 1", "hears 2", "missed 2", "hears 5", "hears 6", "hears 7",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn with_enough_room_a_slow_listener_misses_nothing() {
        assert_eq!(said_by("slow", 8), all());
    }
}
