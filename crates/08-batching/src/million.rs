//! A million items pass through, but never more than one window of them exists.
//!
//! asyncio: `gather` makes a task for each item before the first one runs, and the usual loop over
//! slices needs the whole list. Here an item is created when there is room for it, processed in a
//! batch, and dropped after it was counted. Each item is a ticket, and a counter counts the
//! tickets that exist, so the peak is measured.

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use async_kit::{Lane, Millis, ask, in_batches, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

/// A million items in batches of a thousand, eight batches at a time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let items = knob("items", 1_000_000, 1..=1_000_000);
    let size = knob("size", 1000_usize, 100..=5000).try_into()?;
    let at_once = knob("at-once", 8_usize, 1..=16).try_into()?;
    ask("items=5000", "how many items exist at the same time?");
    let Passed { count, peak } = pass(items, size, at_once).lane("stream").await;
    say!("{count} items, at most {peak} at the same time");
    Ok(())
}

struct Passed {
    count: usize,
    peak: usize,
}

// ANCHOR: million
async fn pass(items: usize, size: NonZeroUsize, at_once: NonZeroUsize) -> Passed {
    let live = LiveItems::default();
    let source = stream::iter(0..items).map(|_| live.add());
    let mut tickets = pin!(in_batches(source, size, at_once, handle));
    let mut count = 0;
    while let Some(ticket) = tickets.next().await {
        count += 1;
        if count % 250_000 == 0 {
            say!("{count} passed");
        }
        drop(ticket);
    }
    Passed { count, peak: live.0.peak.load(Relaxed) }
}

async fn handle(batch: Vec<Ticket>) -> Vec<Ticket> {
    sleep(1.ms()).step("handling").lane("batch").await;
    batch
}
// ANCHOR_END: million

/// How many tickets exist now, and the largest number that existed at the same time.
#[derive(Clone, Default)]
struct LiveItems(Arc<Counts>);

#[derive(Default)]
struct Counts {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl LiveItems {
    fn add(&self) -> Ticket {
        let now = self.0.now.fetch_add(1, Relaxed) + 1;
        self.0.peak.fetch_max(now, Relaxed);
        Ticket(self.clone())
    }
}

#[must_use = "dropping it counts the item as dropped"]
struct Ticket(LiveItems);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.0.now.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use async_kit::virtual_time;

    use super::*;

    fn n(n: usize) -> NonZeroUsize {
        n.try_into().unwrap()
    }

    #[test]
    fn a_million_items_never_fill_more_than_the_window() {
        let Passed { count, peak } = virtual_time(pass(1_000_000, n(1000), n(8)));
        assert_eq!((count, peak), (1_000_000, 8000));
    }

    #[test]
    fn the_peak_is_set_by_the_window_and_not_by_the_number_of_items() {
        for (size, at_once) in [(1, 1), (10, 3), (100, 16)] {
            for items in [5_000, 20_000] {
                let passed = virtual_time(pass(items, n(size), n(at_once)));
                assert_eq!((passed.count, passed.peak), (items, size * at_once));
            }
        }
    }
}
