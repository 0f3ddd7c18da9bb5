//! A future that is not awaited does nothing, and `let _` suppresses the warning of the compiler.
//!
//! asyncio: a `RuntimeWarning` on stderr when the program runs. Rust: the compiler warns
//! (`wrong/never_awaited.rs`). `let _ = …` means that you ignore the value on purpose, so only Clippy
//! still warns. The `expect` below allows that warning, and would itself be reported if the warning
//! disappeared. There are two right ways: await the future, or spawn it, which starts it, and await
//! its task later.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinError, time::sleep};

/// A shop notifies its customers that it closes. Each notification takes 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let customers = knob("customers", 3, 1..=5_usize);
    ask("customers=5", "how long does each of the three versions take?");
    say!("not awaited: {} of {customers} customers were notified", wrong(customers));
    say!("awaited: {} of {customers} customers were notified", right(customers).await);
    let notified = spawned(customers).await?;
    say!("spawned: {notified} of {customers} customers were notified");
    Ok(())
}

// ANCHOR: unawaited
fn wrong(customers: usize) -> usize {
    let notified = Arc::default();
    for n in 1..=customers {
        #[expect(clippy::let_underscore_future, reason = "the pitfall of this section")]
        let _ = notify(Arc::clone(&notified)).lane(format!("wrong-{n}"));
    }
    notified.load(Relaxed)
}

async fn right(customers: usize) -> usize {
    let notified = Arc::default();
    for n in 1..=customers {
        notify(Arc::clone(&notified)).lane(format!("right-{n}")).await;
    }
    notified.load(Relaxed)
}

async fn spawned(customers: usize) -> Result<usize, JoinError> {
    let notified = Arc::default();
    let start =
        |n| tokio::spawn(notify(Arc::clone(&notified)).lane(format!("spawned-{n}")));
    let tasks: Vec<_> = (1..=customers).map(start).collect();
    say!("the shop closes while the tasks run");
    for task in tasks {
        task.await?;
    }
    Ok(notified.load(Relaxed))
}

async fn notify(notified: Arc<AtomicUsize>) {
    sleep(50.ms()).step("notifying").await;
    notified.fetch_add(1, Relaxed);
}
// ANCHOR_END: unawaited

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn customers_are_notified_only_if_the_future_is_awaited_or_spawned() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.000s] not awaited: 0 of 3 customers were notified",
            "[  0.150s] awaited: 3 of 3 customers were notified",
            "[  0.150s] the shop closes while the tasks run",
            "[  0.200s] spawned: 3 of 3 customers were notified",
        ]);
        assert_eq!(seen.ending("wrong-1"), Some(Ending::NeverPolled), "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Done), "{seen}");
        assert_eq!(seen.ending("spawned-1"), Some(Ending::Done), "{seen}");
    }
}
