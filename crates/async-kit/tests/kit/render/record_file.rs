//! A record has every event of its runs, and the line of the program in which each happened.

use std::time::Duration;

use async_kit::{
    Lane, Millis, say,
    stage::{
        Recording,
        record::{
            Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, Place, ProcessInfo,
            Question, What,
        },
        record_file::{self, Language, Run},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{join, time::sleep};

use super::{any, programs};

fn run(recording: Recording) -> Run {
    let (section, claim) = ("tasks".into(), "they \"wait\"".into());
    Run { section, claim, is_virtual: true, failure: None, recording }
}

/// The record as a JSON crate reads it.
fn parsed(language: Language, runs: &[Run]) -> Value {
    let record = record_file::render("any", language, runs);
    serde_json::from_str(&record).expect(&record)
}

fn at(file: &str, line: u32) -> Option<Place> {
    Some(Place::Line { file: file.into(), line })
}

fn event(millis: u64, what: What) -> Event {
    Event { at: millis.ms(), lane: Some(LaneId(1)), what, place: None }
}

#[test]
fn a_record_has_every_kind_of_event_of_every_run() {
    let lanes = vec![
        LaneInfo { name: "main".into(), made_at: None },
        LaneInfo { name: "a \\ b".into(), made_at: at("a.rs", 3) },
    ];
    let said = What::Said("2 < 3\t\u{1}</script>".into());
    let mut events = vec![
        event(0, What::Made),
        event(1, What::Started),
        Event { place: at("b.rs", 7), ..event(2, What::StepIn(9, "works".into())) },
        event(5, What::Unpolled { since: 3.ms() }),
        Event { place: at("a.rs", 4), ..event(5, said.clone()) },
        event(6, What::StepOut(9)),
        Event { place: at("b.rs", 8), ..event(7, What::Waits) },
        Event { lane: None, ..event(8, said) },
    ];
    events.extend(
        [
            Ending::Done,
            Ending::Failed,
            Ending::Panicked,
            Ending::Dropped,
            Ending::NeverPolled,
        ]
        .map(|ending| event(9, What::Ended(ending))),
    );
    let knob = KnobInfo {
        name: "n".into(),
        default: "3".into(),
        value: "1".into(),
        range: "1..=9".into(),
        refused: Some("it is \"x\"".into()),
    };
    let question = Some(Question { setting: "n=1".into(), text: "how long?".into() });
    let end = Duration::from_nanos(9_123_999);
    let within = Duration::from_nanos(1_200_001);
    let processes = vec![ProcessInfo { name: "other".into(), within }];
    let knobs = vec![knob];
    let recording = Recording { lanes, events, end, lost: 2, knobs, question, processes };
    let failure = Some("DEADLOCK\n  because".into());
    let (failed, empty) = (
        Run { failure, ..run(recording) },
        Run { is_virtual: false, ..run(Recording::default()) },
    );
    let expected = json!({
        "version": 1, "program": "any", "language": "python", "runs": [
            {
                "section": "tasks", "claim": "they \"wait\"", "clock": "virtual",
                "end": 9_123, "lost": 2,
                "knobs": [{
                    "name": "n", "default": "3", "value": "1", "range": "1..=9",
                    "refused": "it is \"x\""
                }],
                "question": {"setting": "n=1", "text": "how long?"},
                "processes": [{"name": "other", "within": 1_201}],
                "failure": "DEADLOCK\n  because",
                "files": ["a.rs", "b.rs"],
                "lanes": [{"name": "main"}, {"name": "a \\ b", "place": [0, 3]}],
                "events": [
                    {"at": 0, "lane": 1, "what": "made"},
                    {"at": 1_000, "lane": 1, "what": "started"},
                    {"at": 2_000, "lane": 1, "what": "in", "step": 9, "label": "works", "place": [1, 7]},
                    {"at": 5_000, "lane": 1, "what": "unpolled", "since": 3_000},
                    {"at": 5_000, "lane": 1, "what": "said", "text": "2 < 3\t\u{1}</script>", "place": [0, 4]},
                    {"at": 6_000, "lane": 1, "what": "out", "step": 9},
                    {"at": 7_000, "lane": 1, "what": "waits", "place": [1, 8]},
                    {"at": 8_000, "what": "said", "text": "2 < 3\t\u{1}</script>"},
                    {"at": 9_000, "lane": 1, "what": "ended", "how": "done"},
                    {"at": 9_000, "lane": 1, "what": "ended", "how": "failed"},
                    {"at": 9_000, "lane": 1, "what": "ended", "how": "panicked"},
                    {"at": 9_000, "lane": 1, "what": "ended", "how": "dropped"},
                    {"at": 9_000, "lane": 1, "what": "ended", "how": "never polled"},
                ]
            },
            {
                "section": "tasks", "claim": "they \"wait\"", "clock": "real",
                "end": 0, "lost": 0, "knobs": [], "files": [], "lanes": [], "events": []
            }
        ]
    });
    assert_eq!(parsed(Language::Python, &[failed, empty]), expected);
}

/// Lines that a record names, for each place where the program does something.
#[derive(Clone, Copy)]
struct Lines {
    says: u32,
    steps: u32,
    nests: u32,
}

async fn nested() -> Lines {
    let says = line!() + 1;
    say!("deep");
    let steps = line!() + 1;
    let step = sleep(10.ms()).step("steps");
    let nests = line!() + 1;
    say!("over {}", "two lines");
    step.await;
    Lines { says, steps, nests }
}

#[test]
fn a_line_and_a_step_know_where_they_are_written_in_a_nested_function_too() {
    let made = line!() + 2;
    let program = async {
        let lane = nested().lane("a");
        let (lines, ()) = join!(lane, async { say!("outside") });
        say!("{} {} {}", lines.says, lines.steps, lines.nests);
    };
    let record = parsed(Language::Rust, &[run(programs::recording(program))]);
    let run = &record["runs"][0];
    assert_eq!(run["files"], json!(["crates/async-kit/tests/kit/render/record_file.rs"]));
    assert_eq!(run["lanes"], json!([{"name": "a", "place": [0, made]}]));
    let places: Vec<_> = run["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| event["what"] == "said" || event["what"] == "in")
        .map(|event| (event["text"].as_str().unwrap_or("steps"), &event["place"]))
        .collect();
    let [.., (lines, _)] = places[..] else { panic!("{record}") };
    let [says, steps, nests] = lines
        .split(' ')
        .map(|line| line.parse::<u32>().expect("a line"))
        .collect::<Vec<_>>()[..]
    else {
        panic!("{lines}")
    };
    let places =
        |text| places.iter().find(|(it, _)| *it == text).map(|(_, place)| *place);
    assert_eq!(places("deep"), Some(&json!([0, says])));
    assert_eq!(places("steps"), Some(&json!([0, steps])));
    assert_eq!(places("over two lines"), Some(&json!([0, nests])));
    assert_eq!(places("outside"), Some(&json!([0, made + 1])));
}

#[test]
fn a_run_with_too_many_events_states_how_many_are_missing() {
    let recording = lines_said(MAX_EVENTS + 3);
    let record = parsed(Language::Rust, &[run(recording)]);
    assert_eq!(record["runs"][0]["lost"], 3);
    assert_eq!(record["runs"][0]["events"].as_array().map(Vec::len), Some(MAX_EVENTS));
}

/// A recording of this many lines.
fn lines_said(lines: usize) -> Recording {
    let recorder = async_kit::stage::record::Recorder::silent();
    let _here = recorder.install();
    (0..lines).for_each(|n| say!("{n}"));
    recorder.recording()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_recording_is_valid_json_that_keeps_its_texts(recording in any::recording()) {
        let record = parsed(Language::Rust, &[run(recording.clone())]);
        let read = &record["runs"][0];
        for (event, read) in recording.events.iter().zip(read["events"].as_array().expect("events")) {
            if let What::Said(text) = &event.what {
                prop_assert_eq!(read["text"].as_str(), Some(text.as_str()));
            }
            let line = event.place.as_ref().map(Place::line);
            prop_assert_eq!(read["place"][1].as_u64(), line.map(u64::from));
            let file = read["place"][0].as_u64().map(|id| read_file(&record, id));
            let path = event.place.as_ref().map(|place| place.file().replace('\\', "/"));
            prop_assert_eq!(file, path);
        }
        for (lane, read) in recording.lanes.iter().zip(read["lanes"].as_array().expect("lanes")) {
            prop_assert_eq!(read["name"].as_str(), Some(lane.name.as_str()));
        }
    }
}

fn read_file(record: &Value, id: u64) -> String {
    let file = &record["runs"][0]["files"][usize::try_from(id).expect("small")];
    file.as_str().expect("a path").to_owned()
}
