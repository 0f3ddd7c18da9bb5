//! A trace contains each lane once, and the spans of a thread nest.

use std::collections::HashMap;

use async_kit::{
    Lane, Millis, say,
    stage::{Recording, trace},
};
use proptest::prelude::*;
use serde_json::Value;
use tokio::{join, time::sleep};

use super::{any, programs};

/// The events of a trace, parsed by a JSON crate.
fn events(sections: &[(&str, &Recording)]) -> Vec<Value> {
    let trace = trace::render(sections);
    let mut trace: Value = serde_json::from_str(&trace).expect(&trace);
    match trace["traceEvents"].take() {
        Value::Array(events) => events,
        other => panic!("no list of events: {other}"),
    }
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["cat"] == kind).collect()
}

fn micros(event: &Value) -> (f64, f64) {
    let number =
        |key: &str| event[key].as_f64().unwrap_or_else(|| panic!("no {key}: {event}"));
    (number("ts"), number("ts") + number("dur"))
}

#[test]
fn each_lane_is_a_thread_with_its_lifetime_its_steps_and_its_lines() {
    let recording = programs::recording(programs::semaphore(4, 3));
    let events = events(&[("first", &Recording::default()), ("semaphore", &recording)]);
    assert_eq!(events[2]["args"]["name"], "semaphore", "{events:#?}");
    let lanes = of_kind(&events, "lane");
    assert_eq!(lanes.len(), 4, "{lanes:#?}");
    let last = lanes[3];
    assert_eq!(
        (&last["name"], &last["pid"], &last["tid"]),
        (&"job-3".into(), &2.into(), &4.into())
    );
    assert_eq!(micros(last), (0.0, 400_000.0));
    assert_eq!(last["args"]["state"], "done");
    let steps = of_kind(&events, "step");
    assert_eq!(steps[3]["tid"], last["tid"], "{steps:#?}");
    assert_eq!(micros(steps[3]), (200_000.0, 400_000.0));
    let said = of_kind(&events, "said");
    assert_eq!(said.len(), 8, "each lane says two lines: {said:#?}");
    let said: Vec<_> = said.iter().filter(|line| line["tid"] == last["tid"]).collect();
    assert_eq!(said.len(), 2, "{said:#?}");
    assert_eq!((&said[0]["name"], &said[0]["ts"]), (&"starts".into(), &200_000.0.into()));
}

#[test]
fn processes_and_threads_are_sorted_by_their_numbers() {
    let recording = programs::recording(programs::polled_late());
    let events = events(&[("first", &Recording::default()), ("second", &recording)]);
    let indices = |name| {
        let named = events.iter().filter(move |event| event["name"] == name);
        named.map(|event| event["args"]["sort_index"].as_u64()).collect::<Vec<_>>()
    };
    assert_eq!(indices("process_sort_index"), [Some(1), Some(2)]);
    assert_eq!(indices("thread_sort_index"), [Some(1), Some(2)]);
}

#[test]
fn a_lane_that_was_woken_and_not_polled_has_a_span_inside_its_step() {
    let recording = programs::recording(programs::polled_late());
    let events = events(&[("polled_late", &recording)]);
    let [asking, unpolled] = of_kind(&events, "step")[..] else { panic!("{events:#?}") };
    assert_eq!(unpolled["name"], "woken, not polled");
    assert_eq!(unpolled["tid"], asking["tid"]);
    assert_eq!(micros(asking), (0.0, 60_000.0));
    assert_eq!(micros(unpolled), (20_000.0, 60_000.0));
}

#[test]
fn steps_that_overlap_without_nesting_are_on_separate_threads() {
    let recording = programs::recording(async {
        let both = async {
            let late = async {
                sleep(10.ms()).await;
                sleep(20.ms()).step("late").await;
            };
            join!(sleep(20.ms()).step("early"), late);
        };
        both.lane("a").await;
        say!("over");
    });
    let events = events(&[("overlap", &recording)]);
    let steps = of_kind(&events, "step");
    assert_eq!(
        (&steps[0]["tid"], &steps[1]["tid"]),
        (&1.into(), &2.into()),
        "{steps:#?}"
    );
    let said = of_kind(&events, "said");
    assert_eq!((said.len(), &said[0]["tid"]), (1, &0.into()), "{said:#?}");
}

/// The first step ends in the instant in which the second begins.
#[test]
fn a_step_right_after_another_is_on_the_same_thread() {
    let recording = programs::recording(
        async {
            sleep(10.ms()).step("first").await;
            sleep(20.ms()).step("second").await;
        }
        .lane("a"),
    );
    let events = events(&[("adjacent", &recording)]);
    let [first, second] = of_kind(&events, "step")[..] else { panic!("{events:#?}") };
    assert_eq!(micros(first).1, micros(second).0, "{events:#?}");
    assert_eq!(first["tid"], second["tid"], "{events:#?}");
}

#[test]
fn a_trace_that_lacks_events_states_how_many() {
    let label = |lost| {
        let recording = Recording { lost, ..Recording::default() };
        let events = events(&[("section", &recording)]);
        let labels = events.iter().find(|event| event["name"] == "process_labels");
        labels.map(|event| event["args"]["labels"].clone())
    };
    assert_eq!(label(0), None);
    assert_eq!(label(5), Some("5 events came too late to be kept".into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_recordings_are_valid_and_their_spans_nest(
        one in any::recording(),
        other in any::recording(),
        name in any::text(),
    ) {
        let events = events(&[(&name, &one), ("other", &other)]);
        let lanes = of_kind(&events, "lane");
        prop_assert_eq!(lanes.len(), one.lanes.len() + other.lanes.len());
        for (lane, info) in lanes.iter().zip(one.lanes.iter().chain(&other.lanes)) {
            prop_assert_eq!(&lane["name"], &info.name);
        }
        let mut threads = HashMap::<_, Vec<_>>::new();
        for span in events.iter().filter(|event| event["ph"] == "X") {
            let (from, to) = micros(span);
            prop_assert!(0.0 <= from && from <= to && to <= end(&one).max(end(&other)), "{}", span);
            let thread = threads.entry((&span["pid"], &span["tid"])).or_default();
            thread.push((from, to));
        }
        for spans in threads.values() {
            for (number, &(from, to)) in spans.iter().enumerate() {
                let mut before = spans[..number].iter();
                let cut =
                    before.find(|&&(a, b)| a < from && is_before(from, b) && is_before(b, to));
                prop_assert!(cut.is_none(), "{:?} cuts {:?}", cut, (from, to));
            }
        }
    }
}

/// The longest times have more digits than an `f64` can represent.
const ROUNDING: f64 = 1e-12;

/// Whether `a` is before `b` by more than a rounding error.
fn is_before(a: f64, b: f64) -> bool {
    a * (1.0 + ROUNDING) < b
}

fn end(recording: &Recording) -> f64 {
    recording.end.as_secs_f64() * 1e6 * (1.0 + ROUNDING)
}
