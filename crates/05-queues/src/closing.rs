//! A queue closes when its last sender is dropped, so it needs no sentinel: `None` may be an item.
//!
//! asyncio: every producer puts a sentinel, and the consumer counts them. Tokio: every producer
//! owns a clone of the sender, and drops it when it returns, fails, panics or is cancelled.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::mpsc, time::sleep};

/// The value of a thermometer, or `None` if the thermometer failed.
type Reading = Option<i32>;

/// The roof sends three readings and the cellar five. Some readings are `None`, and a `None`
/// does not end the stream.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 5, 1..=10_usize);
    let using = knob("using", 5.ms(), 1.ms()..=100.ms());
    ask(
        "using=60ms",
        "how many readings does the station receive after the cellar is done?",
    );
    collect(capacity, using).await
}

// ANCHOR: closing
async fn collect(capacity: usize, using: Duration) -> anyhow::Result<()> {
    let (readings, queue) = mpsc::channel(capacity);
    let roof = measure(readings.clone(), 20.ms(), vec![Some(4), None, Some(6)]);
    let cellar = vec![Some(12), Some(12), None, None, Some(13)];
    // The last sender moves into the cellar's task. If this function kept it, the queue would
    // stay open.
    let cellar = measure(readings, 30.ms(), cellar);
    let roof = tokio::spawn(roof.try_lane("roof"));
    let cellar = tokio::spawn(cellar.try_lane("cellar"));
    let station = tokio::spawn(receive(queue, using).lane("station"));
    roof.await??;
    cellar.await??;
    station.await?;
    Ok(())
}

async fn measure(
    queue: mpsc::Sender<Reading>,
    every: Duration,
    readings: Vec<Reading>,
) -> anyhow::Result<()> {
    for reading in readings {
        sleep(every).step("measuring").await;
        queue.send(reading).await?;
    }
    drop(queue);
    say!("is done");
    Ok(())
}

async fn receive(mut queue: mpsc::Receiver<Reading>, using: Duration) {
    while let Some(reading) = queue.recv().await {
        sleep(using).step("using").await;
        match reading {
            Some(degrees) => say!("receives reading {degrees}"),
            None => say!("receives reading None"),
        }
    }
    say!("ends: all producers are done");
}
// ANCHOR_END: closing

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(capacity: usize, using: u64) -> Transcript {
        virtual_time(Transcript::of(collect(capacity, using.ms())))
    }

    fn lines_of(seen: &Transcript, lane: &str) -> Vec<String> {
        let of_lane =
            seen.lines().iter().filter(|line| line.lane.as_deref() == Some(lane));
        of_lane.map(|line| line.text.clone()).collect()
    }

    #[test]
    fn none_is_an_item_like_any_other() {
        let readings = seen(5, 5);
        let lines = lines_of(&readings, "station");
        assert_eq!(
            lines.iter().filter(|text| *text == "receives reading None").count(),
            3,
            "{readings}"
        );
        assert_eq!(lines.len(), 8 + 1, "eight readings and an end: {readings}");
    }

    #[test]
    fn the_queue_stays_open_until_the_last_producer_is_done() {
        for (capacity, using) in [(1, 5), (5, 5), (10, 50)] {
            let seen = seen(capacity, using);
            let lines = lines_of(&seen, "station");
            assert_eq!(lines.len(), 9, "{seen}");
            assert_eq!(lines[8], "ends: all producers are done", "{seen}");
        }
    }

    /// The twin's sentinel needs a slot and waits for it. Here the cellar ends without waiting.
    #[test]
    fn closing_takes_no_slot_of_a_full_queue() {
        let seen = seen(1, 60);
        assert_eq!(lines_of(&seen, "cellar"), ["is done"], "{seen}");
        seen.assert_at(380.ms(), "cellar is done");
        seen.assert_at(500.ms(), "station ends: all producers are done");
    }
}
