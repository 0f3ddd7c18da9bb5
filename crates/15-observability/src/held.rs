//! A span guard held across an await puts the events of other tasks into its span.
//!
//! asyncio: a context variable belongs to its task, so this mistake is not possible. Tokio: the
//! *thread* enters the span. At an await the thread continues with another task, and the guard still
//! keeps the span entered. The guard of `entered()` is not `Send`, so the compiler rejects it in a
//! spawned task. The guard of `enter()` is `Send`, so the mistake compiles and the log is wrong.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;
use tracing::{Instrument, info, info_span};

/// Two orders run concurrently, first with a guard, then with `.instrument`.
pub(crate) async fn run() -> anyhow::Result<()> {
    say!("with a guard held across an await:");
    let orders = [7, 8].map(|id| tokio::spawn(wrong(id).lane(format!("wrong-{id}"))));
    for order in orders {
        order.await?;
    }
    say!("with `.instrument`:");
    let orders = [7, 8].map(|id| tokio::spawn(right(id).lane(format!("right-{id}"))));
    for order in orders {
        order.await?;
    }
    Ok(())
}

// ANCHOR: held
async fn wrong(id: u32) {
    let span = info_span!("order", id);
    let _entered = span.enter();
    info!("ordered");
    sleep(10.ms()).await;
    info!("paid");
}

async fn right(id: u32) {
    let order = async {
        info!("ordered");
        sleep(10.ms()).await;
        info!("paid");
    };
    order.instrument(info_span!("order", id)).await;
}
// ANCHOR_END: held

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use async_kit::{Transcript, virtual_time};
    use tracing::span::EnteredSpan;

    use super::*;
    use crate::logs;

    #[test]
    fn only_instrument_names_the_right_order_across_an_await() {
        logs::init();
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] with a guard held across an await:",
            "[  0.000s] wrong-7 INFO order{id=7}: ordered",
            "[  0.000s] wrong-8 INFO order{id=7}:order{id=8}: ordered",
            "[  0.010s] wrong-7 INFO order{id=7}:order{id=8}: paid",
            "[  0.010s] wrong-8 INFO order{id=7}:order{id=8}: paid",
            "[  0.010s] with `.instrument`:",
            "[  0.010s] right-7 INFO order{id=7}: ordered",
            "[  0.010s] right-8 INFO order{id=8}: ordered",
            "[  0.020s] right-7 INFO order{id=7}: paid",
            "[  0.020s] right-8 INFO order{id=8}: paid",
        ]);
    }

    struct Is<T>(PhantomData<T>);

    impl<T: Send> Is<T> {
        const SEND: bool = true;
    }

    /// Its constant is used where the inherent one above does not apply.
    trait Fallback {
        const SEND: bool = false;
    }

    impl<T> Fallback for Is<T> {}

    #[test]
    fn a_spawned_task_cannot_hold_the_guard_of_entered() {
        assert_eq!((Is::<EnteredSpan>::SEND, Is::<String>::SEND), (false, true));
    }
}
