//! A future that nobody awaits does nothing, and `let _` keeps the compiler quiet about it.
//!
//! asyncio: a `RuntimeWarning` says so when the program runs, if anybody reads it. Rust: the
//! compiler says so (`wrong/never_awaited.rs`). `let _ = …` tells the compiler that you mean it;
//! only Clippy still objects, and would warn of the `expect` below if there were nothing to expect.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::sleep;

/// A shop tells its customers that it closes, 50 ms each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let customers = knob("customers", 3, 1..=5_usize);
    say!("not awaited: {} of {customers} customers were told", wrong(customers));
    say!("awaited: {} of {customers} customers were told", right(customers).await);
    Ok(())
}

// ANCHOR: unawaited
fn wrong(customers: usize) -> usize {
    let told = AtomicUsize::new(0);
    for n in 1..=customers {
        #[expect(clippy::let_underscore_future, reason = "the pitfall of this section")]
        let _ = tell(&told).lane(format!("wrong-{n}"));
    }
    told.into_inner()
}

async fn right(customers: usize) -> usize {
    let told = AtomicUsize::new(0);
    for n in 1..=customers {
        tell(&told).lane(format!("right-{n}")).await;
    }
    told.into_inner()
}

async fn tell(told: &AtomicUsize) {
    sleep(50.ms()).step("telling").await;
    told.fetch_add(1, Relaxed);
}
// ANCHOR_END: unawaited

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn without_an_await_nobody_is_told_and_with_one_everybody() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.000s] not awaited: 0 of 3 customers were told",
            "[  0.150s] awaited: 3 of 3 customers were told",
        ]);
        assert_eq!(seen.ending("wrong-1"), Some(Ending::NeverPolled), "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Done), "{seen}");
    }
}
