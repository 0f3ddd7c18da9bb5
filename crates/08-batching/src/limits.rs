//! Every item has a result: a value, or the reason why there is none.
//!
//! asyncio: a semaphore, `wait_for` around each item, and dictionaries that hold sometimes a
//! result, sometimes an error text. The service's own `TimeoutError` looks like the caller's, an
//! error without a text becomes an empty string, and nothing limits the whole job. Here the error is
//! an enum: the item was late, the service returned an error, the deadline of the job stopped the
//! item, or it never started. Results that are ready at the deadline are kept.

use std::{num::NonZeroUsize, time::Duration};

use async_kit::{Deadline, Lane, Millis, TimeLimit, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

const ITEMS: [Item; 12] = {
    use Item::{Busy, Hangs, Quick, Wrong};
    [Quick, Wrong, Busy, Hangs, Quick, Hangs, Hangs, Quick, Hangs, Hangs, Hangs, Quick]
};

/// Twelve items, three at a time, with 30 ms for each and 65 ms for all of them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limits = Limits {
        at_once: knob("at-once", 3_usize, 1..=12).try_into()?,
        each: knob("each", 30.ms(), 5.ms()..=100.ms()),
        total: knob("total", 65.ms(), 5.ms()..=500.ms()),
    };
    ask("at-once=12", "how many items does the deadline stop?");
    let results = process(ITEMS, limits).await;
    let done = results.iter().flatten().count();
    say!("{done} of {} items are done", results.len());
    Ok(())
}

// ANCHOR: limits
struct Limits {
    at_once: NonZeroUsize,
    each: Duration,
    total: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum ItemError {
    #[error("no answer before the timeout")]
    Late,
    #[error("failed: {0}")]
    Failed(#[from] ServiceError),
    #[error("stopped by the deadline")]
    Stopped,
    #[error("never started")]
    NeverStarted,
}

/// One result for each item, in the order of the items.
async fn process<const N: usize>(
    items: [Item; N],
    limits: Limits,
) -> Vec<Result<u64, ItemError>> {
    let deadline = Deadline::after(limits.total);
    let jobs = stream::iter(items).enumerate().map(|(n, item)| {
        let job = process_one(item, limits.each, deadline);
        let job = job.try_lane(format!("item-{n}"));
        async move { (n, job.await) }
    });
    let mut results: Vec<_> = jobs.buffer_unordered(limits.at_once.get()).collect().await;
    results.sort_unstable_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn process_one(
    item: Item,
    each: Duration,
    deadline: Deadline,
) -> Result<u64, ItemError> {
    // An expired timeout still polls its future once, and this poll would send a request.
    let result = if deadline.has_passed() {
        Err(ItemError::NeverStarted)
    } else {
        match item.request().step("requesting").within(each).by(deadline).await {
            Ok(Ok(answer)) => answer.map_err(ItemError::Failed),
            Ok(Err(_)) => Err(ItemError::Late),
            Err(_) => Err(ItemError::Stopped),
        }
    };
    match &result {
        Ok(answer) => say!("{answer}"),
        Err(error) => say!("{error}"),
    }
    result
}
// ANCHOR_END: limits

/// How the service treats an item.
#[derive(Clone, Copy)]
enum Item {
    Quick,
    Wrong,
    Busy,
    Hangs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum ServiceError {
    #[error("not a number")]
    Wrong,
    /// A timeout inside the service, and not a limit of this program.
    #[error("the service's database timed out")]
    Database,
}

impl Item {
    async fn request(self) -> Result<u64, ServiceError> {
        match self {
            Self::Quick => sleep(10.ms()).await,
            Self::Wrong => return Err(ServiceError::Wrong),
            Self::Busy => {
                sleep(20.ms()).await;
                return Err(ServiceError::Database);
            }
            Self::Hangs => sleep(10.secs()).await,
        }
        Ok(42)
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn limits(at_once: usize, total: Duration) -> Limits {
        Limits { at_once: at_once.try_into().unwrap(), each: 30.ms(), total }
    }

    #[test]
    fn twelve_hanging_items_in_a_window_of_five_take_three_timeouts() {
        let all = process([Item::Hangs; 12], limits(5, 1.secs()));
        let (seen, results) = virtual_time(Transcript::with_output(all));
        assert_eq!(results, [Err(ItemError::Late); 12]);
        assert_eq!(seen.elapsed(), 90.ms(), "{seen}");
        assert_eq!(seen.peak("requesting"), 5, "{seen}");
    }

    #[test]
    fn the_deadline_keeps_the_results_and_names_the_items_without_one() {
        let all = process(ITEMS, limits(3, 65.ms()));
        let (seen, results) = virtual_time(Transcript::with_output(all));
        let (late, stopped, never) =
            (Err(ItemError::Late), Err(ItemError::Stopped), Err(ItemError::NeverStarted));
        let wrong = Err(ItemError::Failed(ServiceError::Wrong));
        let busy = Err(ItemError::Failed(ServiceError::Database));
        let done = Ok(42);
        assert_eq!(
            results,
            [
                done, wrong, busy, late, done, late, late, done, stopped, stopped,
                stopped, never
            ],
            "{seen}"
        );
        assert_eq!(seen.elapsed(), 65.ms(), "{seen}");
    }

    #[test]
    fn a_timeout_of_the_service_is_not_reported_as_a_late_item() {
        let results = virtual_time(process([Item::Busy], limits(1, 1.secs())));
        assert_eq!(results, [Err(ItemError::Failed(ServiceError::Database))]);
    }

    #[test]
    fn every_error_has_a_text() {
        let failed = [ServiceError::Wrong, ServiceError::Database].map(ItemError::Failed);
        let limits = [ItemError::Late, ItemError::Stopped, ItemError::NeverStarted];
        assert!(failed.iter().chain(&limits).all(|error| error.to_string().len() > 5));
    }

    #[test]
    fn every_item_has_a_result_at_every_limit() {
        for (at_once, total) in [(1, 5.ms()), (3, 65.ms()), (12, 500.ms())] {
            assert_eq!(virtual_time(process(ITEMS, limits(at_once, total))).len(), 12);
        }
    }
}
