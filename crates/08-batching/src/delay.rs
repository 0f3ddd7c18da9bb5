//! A batch is written when it is full, or when its first item has waited for the delay.
//!
//! The wait of an item starts when the item is taken. An item that comes during a write is taken
//! after the write.
//!
//! asyncio: a loop around `wait_for(queue.get(), …)`, which restarts the delay for each item,
//! unless the program stores the deadline, as the twin does. The crate `futures` has `chunks`, which
//! waits for its last item without a limit, and `ready_chunks`, which never waits. The kit has
//! `batches`.

use std::{num::NonZeroUsize, pin::pin, time::Duration};

use async_kit::{BatchExt, Lane, Millis, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::{
    sync::mpsc,
    time::{sleep, sleep_until},
};

/// When events come, in milliseconds: first a burst, then a few, then single events.
const EVENTS: [u64; 10] = [0, 10, 20, 30, 40, 130, 170, 300, 410, 460];

/// Ten events, written in batches of at most four. No event waits more than 100 ms for others.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 4_usize, 1..=10).try_into()?;
    let max_delay = knob("max-delay", 100.ms(), 25.ms()..=500.ms());
    ask("max-delay=150ms", "which events are in the second batch?");
    let (events, received) = mpsc::channel(16);
    let sender = tokio::spawn(send(events).lane("sender"));
    let writer = tokio::spawn(write(received, size, max_delay).lane("writer"));
    sender.await?;
    writer.await?;
    Ok(())
}

async fn send(events: mpsc::Sender<usize>) {
    let start = tokio::time::Instant::now();
    for (n, at) in EVENTS.into_iter().enumerate() {
        sleep_until(start + at.ms()).await;
        say!("event {n}");
        if events.send(n).await.is_err() {
            return;
        }
    }
}

// ANCHOR: delay
async fn write(
    mut events: mpsc::Receiver<usize>,
    size: NonZeroUsize,
    max_delay: Duration,
) {
    let events = stream::poll_fn(move |cx| events.poll_recv(cx));
    let mut batches = pin!(events.batches(size, max_delay));
    while let Some(batch) = batches.next().await {
        say!("writes {batch:?}");
        sleep(5.ms()).step("writing").await;
    }
}
// ANCHOR_END: delay

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn written(size: usize, max_delay: Duration) -> Vec<(u128, String)> {
        let seen = virtual_time(Transcript::of(async move {
            let (events, received) = mpsc::channel(16);
            let size = size.try_into().unwrap();
            let writer = tokio::spawn(write(received, size, max_delay));
            send(events).await;
            writer.await.unwrap();
        }));
        let lines = seen.lines().iter().filter(|line| line.text.starts_with("writes"));
        lines.map(|line| (line.at.as_millis(), line.text[7..].to_owned())).collect()
    }

    /// ```text
    /// 0    30        140              270      300      400   410 460
    /// 0123 full      4 5 …
    /// ```
    #[test]
    fn a_batch_is_written_when_it_is_full_or_after_the_delay_of_its_first_item() {
        let batches = [
            (30, "[0, 1, 2, 3]"),
            (140, "[4, 5]"),
            (270, "[6]"),
            (400, "[7]"),
            (460, "[8, 9]"),
        ];
        let wanted = batches.map(|(at, batch)| (at, batch.to_owned()));
        assert_eq!(written(4, 100.ms()), wanted);
    }

    #[test]
    fn a_batch_of_one_item_never_waits() {
        assert_eq!(written(1, 100.ms()).len(), EVENTS.len());
        assert_eq!(written(1, 100.ms())[6], (170, "[6]".to_owned()));
    }

    #[test]
    fn an_event_that_finds_the_writer_idle_waits_no_longer_than_the_delay() {
        for (at, batch) in written(10, 60.ms()) {
            let first = batch.trim_start_matches('[').split([',', ']']).next().unwrap();
            let came = u128::from(EVENTS[first.parse::<usize>().unwrap()]);
            assert!(
                at <= came + 60,
                "{batch} came at {came} ms and was written at {at} ms"
            );
        }
    }

    /// Event 3 comes at 30 ms, in the middle of the write from 28 to 33 ms.
    #[test]
    fn an_event_that_comes_during_a_write_waits_from_the_end_of_the_write() {
        let written = written(10, 28.ms());
        assert_eq!(written[0], (28, "[0, 1, 2]".to_owned()));
        assert_eq!(written[1], (33 + 28, "[3, 4]".to_owned()));
    }
}
