//! The property tests use any recording, even one that no run could record.

use std::{panic::Location, time::Duration};

use async_kit::stage::{
    Recording,
    record::{Ending, Event, KnobInfo, LaneId, LaneInfo, Place, ProcessInfo, What},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A recording of up to 60 lanes, with events in any order and any texts.
pub(crate) fn recording() -> impl Strategy<Value = Recording> {
    let lanes = vec(text(), 0..60);
    let knobs = vec((text(), text()), 0..4);
    let processes = vec((text(), time()), 0..3);
    (lanes, vec(event(), 0..200), time(), any::<usize>(), knobs, processes).prop_map(
        |(lanes, events, end, lost, knobs, processes)| Recording {
            lanes: lanes.into_iter().map(lane).collect(),
            events,
            end,
            lost,
            knobs: knobs.into_iter().map(knob).collect(),
            question: None,
            processes: processes.into_iter().map(process).collect(),
        },
    )
}

const DANGEROUS: [&str; 11] = [
    "",
    " ",
    "世界",
    "👩‍👩‍👧",
    "❤️",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{ffff}",
    "<&>\"'",
    "]]>",
    "\\",
];

/// A text that a user may write: often short, sometimes wide, sometimes with dangerous characters.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,8}",
        1 => "[a-z]{9,99}",
        1 => any::<String>(),
        1 => vec(select(DANGEROUS.as_slice()), 0..9).prop_map(|parts| parts.concat()),
    ]
}

fn lane(name: String) -> LaneInfo {
    LaneInfo { name, made_at: Some(Location::caller().into()) }
}

fn knob((name, value): (String, String)) -> KnobInfo {
    KnobInfo { name, default: String::new(), value, range: String::new(), refused: None }
}

fn process((name, within): (String, Duration)) -> ProcessInfo {
    ProcessInfo { name, within }
}

fn event() -> impl Strategy<Value = Event> {
    let place = option::of((text(), any::<u32>()).prop_map(place));
    (time(), option::weighted(0.9, 0..64_usize), what(), place).prop_map(
        |(at, lane, what, place)| Event { at, lane: lane.map(LaneId), what, place },
    )
}

fn place((file, line): (String, u32)) -> Place {
    Place::Line { file: file.into(), line }
}

fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        (0..2_000_u64).prop_map(Duration::from_millis),
        any::<u32>().prop_map(|nanos| Duration::from_nanos(nanos.into())),
        any::<Duration>(),
        Just(Duration::MAX),
    ]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        3 => Just(What::Made),
        1 => Just(What::Started),
        1 => Just(What::Waits),
        1 => time().prop_map(|since| What::Unpolled { since }),
        3 => text().prop_map(What::Said),
        3 => (0..9_u64, text()).prop_map(|(id, label)| What::StepIn(id, label)),
        3 => (0..9_u64).prop_map(What::StepOut),
        2 => select(ENDINGS.as_slice()).prop_map(What::Ended),
    ]
}

const ENDINGS: [Ending; 5] = [
    Ending::Done,
    Ending::Failed,
    Ending::Panicked,
    Ending::Dropped,
    Ending::NeverPolled,
];

/// The text as a terminal shows it.
pub(crate) fn without_escapes(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        shown + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}
