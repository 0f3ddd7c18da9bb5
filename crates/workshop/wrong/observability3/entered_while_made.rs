//! The span is entered while the future is made, and not while it runs.
//! message: a span that is entered while a future is made is not entered while it runs.

use std::{fmt::Debug, sync::Mutex};

use async_kit::{Millis, exercise, say};
use tokio::{join, time::sleep};
use tracing::{
    Event, Metadata, Subscriber, field::Field, info, info_span,
    instrument::WithSubscriber, span,
};

async fn deliver(number: u32, millis: u64) {
    let work = info_span!("parcel", number).in_scope(|| async {
        load();
        sleep(millis.ms()).await;
        info!("is delivered");
    });
    work.await;
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
