//! observability3 · 5 minutes · a span stays with its future across an await
//!
//! Two parcels are delivered at the same time. Each event should be logged with the number of its
//! parcel, which is a field of a span. Run the program: two of the four lines name both parcels.
//! Change `deliver` so that each line names exactly its own parcel. (The attribute `#[instrument]`
//! is not part of this build, and `in_current_span` has no effect: the log of this exercise reports
//! no current span.)
//!
//! Section: `cargo run -p observability -- held`. Code: crates/15-observability/src/held.rs.
//! Page: docs/src/15-observability.md.

use std::{fmt::Debug, sync::Mutex};

use async_kit::{Millis, exercise, say};
use tokio::{join, time::sleep};
use tracing::{
    Event, Metadata, Subscriber, field::Field, info, info_span,
    instrument::WithSubscriber, span,
};

async fn deliver(number: u32, millis: u64) {
    // TODO: keep the other parcel out of this span.
    let parcel = info_span!("parcel", number);
    let _entered = parcel.enter();
    load();
    sleep(millis.ms()).await;
    info!("is delivered");
}

/// Given code from here on: do not change it. `load` does not know its parcel.
fn load() {
    info!("is loaded");
}

async fn run() {
    let parcels = async { join!(deliver(7, 20), deliver(8, 30)) };
    parcels.with_subscriber(Log::default()).await;
}

/// Prints each event, after the fields of the spans that are entered on this thread.
#[derive(Default)]
struct Log {
    spans: Mutex<Vec<String>>,
    entered: Mutex<Vec<span::Id>>,
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut spans = self.spans.lock().unwrap();
        let mut text = String::new();
        span.record(&mut |_: &Field, value: &dyn Debug| text += &format!("{value:?}: "));
        spans.push(text);
        span::Id::from_u64(spans.len() as u64)
    }

    fn event(&self, event: &Event<'_>) {
        let spans = self.spans.lock().unwrap();
        let entered = self.entered.lock().unwrap();
        let index = |id: &span::Id| id.into_u64() as usize - 1;
        let mut text: String = entered.iter().map(|id| &*spans[index(id)]).collect();
        event.record(&mut |_: &Field, value: &dyn Debug| text += &format!("{value:?}"));
        say!("{text}");
    }

    fn enter(&self, span: &span::Id) {
        self.entered.lock().unwrap().push(span.clone());
    }

    fn exit(&self, span: &span::Id) {
        let mut entered = self.entered.lock().unwrap();
        if let Some(last) = entered.iter().rposition(|id| id == span) {
            entered.remove(last);
        }
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn each_line_names_exactly_its_own_parcel() {
        let run = exercise::observe(run());
        let lines: Vec<_> = run.lines().iter().map(|line| line.text.as_str()).collect();
        let happened = format!("{lines:?}");
        let none = lines.iter().find(|line| line.starts_with("is "));
        run.require(
            none.is_none(),
            &happened,
            "each line begins with a number",
            "At this event no span was entered. `let _ = …` drops a guard immediately, and a \
             span that is entered while a future is made is not entered while it runs.",
        );
        let held = "The guard keeps the span entered on this thread, and at the await the \
                    thread continues with the other parcel. A span must be entered at each \
                    poll of its future, and exited when the poll returns.";
        let wanted =
            ["7: is loaded", "8: is loaded", "7: is delivered", "8: is delivered"];
        run.require(lines == wanted, happened, format!("{wanted:?}"), held);
        run.takes(30.ms(), "The two parcels are delivered at the same time.");
    }
}
