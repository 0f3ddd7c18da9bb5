//! In JSON every event is one line and one object, whatever its values contain.
//!
//! asyncio: a `logging.Formatter` of your own, or `python-json-logger`. Tokio: `.json()`. As plain
//! text, a value with a line break turns one event into two lines if it is part of the message or
//! logged with `%`, and the sender of the value chooses the text of the second line. A string that is
//! logged as a field without `%` is quoted, and its line break is escaped.

use async_kit::{Millis, say};
use tokio::time::sleep;
use tracing::{Subscriber, info, instrument, instrument::WithSubscriber, warn};
use tracing_subscriber::fmt::{MakeWriter, fmt};

use crate::logs::{self, SayWriter};

/// One order is paid. The item of the other order contains a line break and a forged "paid" event; it
/// is logged in three ways.
pub(crate) async fn run() -> anyhow::Result<()> {
    const FORGED: &str = "matches\nINFO order{id=8}: paid cents=1";
    let text = || logs::lines_to(|| SayWriter);
    let json = || json_to(|| SayWriter);
    order(7, "lamp oil", displayed).with_subscriber(text()).await;
    order(7, "lamp oil", displayed).with_subscriber(json()).await;
    say!("as text, with %item:");
    order(8, FORGED, displayed).with_subscriber(text()).await;
    say!("as text, with item:");
    order(8, FORGED, quoted).with_subscriber(text()).await;
    say!("as JSON, with %item:");
    order(8, FORGED, displayed).with_subscriber(json()).await;
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

#[instrument(skip(item, refuse))]
async fn order(id: u32, item: &str, refuse: fn(&str)) {
    sleep(10.ms()).await;
    if item.lines().count() == 1 {
        info!(item, cents = 800, "paid");
    } else {
        refuse(item);
    }
}

fn displayed(item: &str) {
    warn!(%item, "refused");
}

fn quoted(item: &str) {
    warn!(item, "refused");
}
// ANCHOR_END: json

#[cfg(test)]
mod tests {
    use std::slice;

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
        let refused = json!({ "level": "WARN", "item": item, "message": "refused", "spans": spans });
        for refuse in [displayed, quoted] {
            assert_eq!(events(order(8, item, refuse)), slice::from_ref(&refused));
        }
    }

    #[test]
    fn a_number_stays_a_number_and_the_event_lists_its_span() {
        let [event] = &events(order(7, "lamp oil", displayed))[..] else {
            panic!("one event")
        };
        assert_eq!((&event["cents"], &event["message"]), (&json!(800), &json!("paid")));
        assert_eq!(event["spans"], json!([{ "id": 7, "name": "order" }]));
    }

    fn text(event: impl FnOnce()) -> Vec<String> {
        let log = CapturedLog::default();
        with_default(log.subscriber(), event);
        log.lines()
    }

    #[test]
    fn as_text_a_line_break_makes_two_lines_with_percent_and_in_the_message() {
        let two = ["WARN refused item=matches", "INFO paid"];
        assert_eq!(text(|| displayed("matches\nINFO paid")), two);
        assert_eq!(text(|| warn!("matches\nINFO paid")), ["WARN matches", "INFO paid"]);
    }

    #[test]
    fn as_text_a_line_break_in_a_plain_string_is_escaped() {
        let one = r#"WARN refused item="matches\nINFO paid""#;
        assert_eq!(text(|| quoted("matches\nINFO paid")), [one]);
    }

    #[test]
    fn only_the_text_with_percent_forges_a_line() {
        let seen = virtual_time(Transcript::of(run()));
        let lines = seen.lines().iter();
        let forged = lines.filter(|line| line.text == "INFO order{id=8}: paid cents=1");
        let times: Vec<_> = forged.map(|line| line.at).collect();
        assert_eq!(times, [30.ms()], "{seen}");
    }
}
