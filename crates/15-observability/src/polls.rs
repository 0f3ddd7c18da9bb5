//! A span is entered at every poll of its future, so a layer can count the polls.
//!
//! A lane of this course and a span of `tracing` both observe a future that is polled, waits and
//! ends. The lane is a row of the timeline and exists for one run. The span is data for a collector,
//! in production too. If a future has both, attach the lane outside.
//!
//! asyncio has no hook for this; a wrapper with `__await__` can count, and `sys.setprofile` is called
//! for every function.
//! Tokio: a [`Layer`] is called whenever a span is created, entered, exited or closed.

use async_kit::{Lane, Millis, say};
use tokio::time::{Instant, sleep};
use tracing::{
    Instrument, Subscriber, info_span,
    instrument::WithSubscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
    registry::LookupSpan,
};

/// Two orders take 90 ms each: one waits once, the other waits three times.
pub(crate) async fn run() -> anyhow::Result<()> {
    let orders = async {
        let orders = [(info_span!("one_wait"), 1), (info_span!("three_waits"), 3)];
        let orders = orders.map(|(span, waits)| {
            let name = span.metadata().map_or("unnamed", |span| span.name());
            // A spawned task uses the subscriber of the program, unless another is attached.
            let order = wait(waits).instrument(span).with_current_subscriber();
            tokio::spawn(order.lane(name))
        });
        for order in orders {
            order.await?;
        }
        anyhow::Ok(())
    };
    orders.with_subscriber(registry().with(Polls)).await
}

async fn wait(times: u32) {
    for _ in 0..times {
        sleep(90.ms() / times).step("waiting").await;
    }
}

// ANCHOR: polls
/// When a span closes, reports how many times its future was polled.
struct Polls;

struct Count {
    since: Instant,
    entered: u32,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Polls {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("the span was just created");
        span.extensions_mut().insert(Count { since: Instant::now(), entered: 0 });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("the span is open");
        if let Some(count) = span.extensions_mut().get_mut::<Count>() {
            count.entered += 1;
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("a closing span is kept until this returns");
        if let Some(Count { since, entered }) = span.extensions().get::<Count>() {
            // The last entry was not a poll: the span is entered once more while the future is
            // dropped, so that the events of its destructors belong to the span too. A span without a
            // future is perhaps never entered.
            let (polls, ms) = (entered.saturating_sub(1), since.elapsed().as_millis());
            say!("{} was polled {polls} times in {ms} ms", span.name());
        }
    }
}
// ANCHOR_END: polls

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_future_is_polled_once_more_than_it_waits() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.090s] one_wait was polled 2 times in 90 ms",
            "[  0.090s] three_waits was polled 4 times in 90 ms",
        ]);
    }

    #[test]
    fn a_span_that_is_never_entered_was_never_polled() {
        let unused = async {
            drop(info_span!("alone"));
            drop(wait(3).instrument(info_span!("order")));
        };
        let seen =
            virtual_time(Transcript::of(unused.with_subscriber(registry().with(Polls))));
        seen.assert_lines([
            "[  0.000s] alone was polled 0 times in 0 ms",
            "[  0.000s] order was polled 0 times in 0 ms",
        ]);
    }

    #[test]
    fn a_dropped_future_closes_its_span_immediately() {
        let cut = async {
            let order = wait(3).instrument(info_span!("order"));
            let _ = tokio::time::timeout(40.ms(), order).await;
            sleep(1.secs()).await;
        };
        let seen =
            virtual_time(Transcript::of(cut.with_subscriber(registry().with(Polls))));
        seen.assert_lines(["[  0.040s] order was polled 3 times in 40 ms"]);
    }
}
