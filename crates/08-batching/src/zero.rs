//! A limit of zero makes one API hang and turns off the limit of another, so refuse it early.
//!
//! `Semaphore::new(0)` has no permits, as in asyncio, and `buffered(0)` never starts a job: both
//! hang. `for_each_concurrent(0, …)` starts all jobs concurrently, and `chunks(0)` and
//! `mpsc::channel(0)` panic. (asyncio's `Queue(0)` has no limit either.) Use a `NonZeroUsize`, as
//! the kit does: then a zero is refused where it is read, on the command line or in the settings.

use std::num::NonZeroUsize;

use anyhow::Context;
use async_kit::{Lane, Millis, TimeLimit, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::{sync::Semaphore, time::sleep};

/// Four jobs of 20 ms with a limit of zero: three functions use the limit, and a fourth refuses it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 0, 0..=4);
    ask("limit=2", "how long does each of the four runs take?");
    report("semaphore", with_semaphore(limit)).await;
    match read_limit(&limit.to_string()) {
        Ok(limit) => report("non_zero", with_buffered(limit.get())).await,
        Err(error) => say!("refused: {error}"),
    }
    report("buffered", with_buffered(limit)).await;
    report("for_each", with_for_each(limit)).await;
    Ok(())
}

// ANCHOR: zero
async fn with_semaphore(limit: usize) {
    let permits = &Semaphore::new(limit);
    let jobs = stream::iter(0..4).map(|n| async move {
        let _permit = permits.acquire().await;
        job(n).await;
    });
    jobs.buffer_unordered(4).collect().await
}

async fn with_buffered(limit: usize) {
    stream::iter(0..4).map(job).buffered(limit).collect().await
}

async fn with_for_each(limit: usize) {
    stream::iter(0..4).for_each_concurrent(limit, job).await;
}

/// `NonZeroUsize` does not parse a zero, so the mistake is found before any job waits.
fn read_limit(text: &str) -> anyhow::Result<NonZeroUsize> {
    text.parse().context("a limit is one or more")
}
// ANCHOR_END: zero

async fn job(n: usize) {
    sleep(20.ms()).step("working").lane(format!("job-{n}")).await;
}

/// Prints how the work ended, and waits for it no longer than all jobs could take.
async fn report(name: &str, work: impl Future<Output = ()> + Send) {
    match work.lane(name).within(100.ms()).await {
        Ok(()) => say!("{name} done"),
        Err(_) => say!("{name} would wait forever"),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use async_kit::{Transcript, virtual_time};
    use tokio::sync::mpsc;

    use super::*;

    fn seen(limit: usize) -> Transcript {
        virtual_time(Transcript::of(async move {
            report("semaphore", with_semaphore(limit)).await;
            report("buffered", with_buffered(limit)).await;
            report("for_each", with_for_each(limit)).await;
        }))
    }

    #[test]
    fn a_limit_of_zero_hangs_twice_and_limits_nothing_once() {
        let seen = seen(0);
        seen.assert_lines([
            "[  0.100s] semaphore would wait forever",
            "[  0.200s] buffered would wait forever",
            "[  0.220s] for_each done",
        ]);
        assert_eq!(seen.peak("working"), 4, "{seen}");
    }

    #[test]
    fn a_limit_of_one_or_more_means_the_same_to_all_three() {
        for (limit, each) in [(1, 80), (2, 40), (4, 20)] {
            assert_eq!(seen(limit).elapsed(), (3 * each).ms());
        }
    }

    #[test]
    fn chunks_of_zero_and_a_channel_of_zero_panic() {
        let chunks = |size| drop(stream::iter(0..4).chunks(size));
        assert!(catch_unwind(|| chunks(0)).is_err());
        assert!(catch_unwind(|| chunks(1)).is_ok());
        let channel = |capacity| drop(mpsc::channel::<()>(capacity));
        assert!(catch_unwind(|| channel(0)).is_err());
        assert!(catch_unwind(|| channel(1)).is_ok());
    }

    #[test]
    fn a_zero_is_refused_where_it_is_read() {
        let refused = read_limit("0").expect_err("zero is refused");
        assert_eq!(refused.to_string(), "a limit is one or more");
        assert_eq!(read_limit("2").unwrap().get(), 2);
    }
}
