//! In JSON every event is one line and one object, whatever its values contain.
//!
//! asyncio: a `logging.Formatter` of your own, or `python-json-logger`. Tokio: `.json()`. As plain
//! text, a message with a line break, or a value that is recorded with `%`, turns one event into two
//! lines, and the sender of the value chooses the text of the second line.

use async_kit::{Millis, say};
use tokio::time::sleep;
use tracing::{Subscriber, info, instrument, instrument::WithSubscriber, warn};
use tracing_subscriber::fmt::{MakeWriter, fmt};

use crate::logs::SayWriter;

/// One order is paid. The item of the other order contains a line break and a forged "paid" event.
pub(crate) async fn run() -> anyhow::Result<()> {
    let orders = async {
        order(7, "lamp oil").await;
        order(8, "matches\nINFO order{id=8}: paid cents=1").await;
    };
    orders.with_subscriber(json_to(|| SayWriter)).await;
    say!("one line for each event");
    Ok(())
}

// ANCHOR: json
fn json_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // `say!` adds the time. Without `.without_time()` the first field is the time in UTC.
    let lines = fmt().json().flatten_event(true).with_current_span(false).without_time();
    lines.with_target(false).with_writer(writer).finish()
}

#[instrument(skip(item))]
async fn order(id: u32, item: &str) {
    sleep(10.ms()).await;
    if item.lines().count() == 1 {
        info!(item, cents = 800, "paid");
    } else {
        warn!(item, "refused");
    }
}
// ANCHOR_END: json

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use serde_json::{Value, json};
    use tracing::subscriber::with_default;

    use super::*;
    use crate::captured_log::CapturedLog;

    fn events(work: impl Future<Output = ()> + Send + 'static) -> Vec<Value> {
        let log = CapturedLog::default();
        let writer = log.clone();
        virtual_time(work.with_subscriber(json_to(move || writer.clone())));
        let lines = log.lines();
        lines.iter().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    #[test]
    fn a_value_with_a_line_break_forges_no_event() {
        let item = "matches\n{\"level\":\"INFO\",\"message\":\"paid\"}";
        let spans = json!([{ "id": 8, "name": "order" }]);
        assert_eq!(
            events(order(8, item)),
            [
                json!({ "level": "WARN", "item": item, "message": "refused", "spans": spans })
            ]
        );
    }

    #[test]
    fn a_number_stays_a_number_and_the_event_lists_its_span() {
        let [event] = &events(order(7, "lamp oil"))[..] else { panic!("one event") };
        assert_eq!((&event["cents"], &event["message"]), (&json!(800), &json!("paid")));
        assert_eq!(event["spans"], json!([{ "id": 7, "name": "order" }]));
    }

    #[test]
    fn as_text_a_value_with_a_line_break_makes_two_lines() {
        let log = CapturedLog::default();
        with_default(log.subscriber(), || warn!("matches\nINFO paid"));
        assert_eq!(log.lines(), ["WARN matches", "INFO paid"]);
    }

    #[test]
    fn every_event_is_one_line() {
        virtual_time(Transcript::of(run())).assert_at(20.ms(), "one line for each event");
        assert_eq!(virtual_time(Transcript::of(run())).lines().len(), 3);
    }
}
