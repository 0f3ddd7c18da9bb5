//! A record is read as `async_kit::stage::record_file` describes version 1 of its format.

use std::{str, sync::Arc, time::Duration};

use async_kit::stage::{
    Recording,
    record::{Ending, Event, LaneId, LaneInfo, Part, Place, What},
};
use serde::Deserialize;

use super::{
    MAX_BODY, RecordError,
    header::{Header, Sent},
};

#[derive(Deserialize)]
struct AnyVersion {
    version: u64,
}

#[derive(Deserialize)]
struct RecordV1 {
    program: String,
    runs: [RunV1; 1],
}

#[derive(Deserialize)]
struct RunV1 {
    end: u64,
    lost: usize,
    files: Vec<String>,
    lanes: Vec<LaneV1>,
    events: Vec<EventV1>,
}

#[derive(Deserialize)]
struct LaneV1 {
    name: String,
    place: Option<PlaceV1>,
}

#[derive(Deserialize)]
struct EventV1 {
    at: u64,
    lane: Option<usize>,
    place: Option<PlaceV1>,
    #[serde(flatten)]
    what: WhatV1,
}

/// The position of a file, and the number of a line.
#[derive(Deserialize)]
struct PlaceV1(usize, u32);

#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
enum WhatV1 {
    Made,
    Started,
    Unpolled { since: u64 },
    Said { text: String },
    In { step: u64, label: String },
    Out { step: u64 },
    Waits,
    Ended { how: EndingV1 },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EndingV1 {
    Done,
    Failed,
    Panicked,
    Dropped,
    #[serde(rename = "never polled")]
    NeverPolled,
}

/// Reads a message.
pub(super) fn read(body: &[u8]) -> Result<Sent, RecordError> {
    if body.len() > MAX_BODY {
        return Err(RecordError::TooLarge(body.len()));
    }
    let text = str::from_utf8(body).map_err(malformed)?;
    let two_lines = text.split_once('\n');
    let (header, record) = two_lines.ok_or_else(|| malformed("it is one line"))?;
    let header: Header = serde_json::from_str(header).map_err(malformed)?;
    let AnyVersion { version } = serde_json::from_str(record).map_err(malformed)?;
    if version != 1 {
        return Err(RecordError::Version(version));
    }
    let record: RecordV1 = serde_json::from_str(record).map_err(malformed)?;
    let [run] = record.runs;
    Ok(Sent {
        process: record.program,
        start: header.start,
        number: header.number,
        clocks: header.clocks(),
        part: Part {
            recording: run.recording()?,
            lanes: header.lanes.into_iter().map(LaneId).collect(),
        },
    })
}

fn malformed(why: impl ToString) -> RecordError {
    RecordError::Malformed(why.to_string())
}

impl RunV1 {
    fn recording(self) -> Result<Recording, RecordError> {
        let Self { end, lost, files, lanes, events } = self;
        let files: Vec<Arc<str>> = files.into_iter().map(Arc::from).collect();
        let place = |place: Option<PlaceV1>| place.map(|it| it.place(&files)).transpose();
        let lanes = lanes.into_iter().map(|LaneV1 { name, place: made_at }| {
            Ok(LaneInfo { name, made_at: place(made_at)? })
        });
        let lanes = lanes.collect::<Result<_, RecordError>>()?;
        let events = events.into_iter().map(|event| {
            Ok(Event {
                at: micros(event.at),
                lane: event.lane.map(LaneId),
                what: event.what.into(),
                place: place(event.place)?,
            })
        });
        let events = events.collect::<Result<_, RecordError>>()?;
        Ok(Recording { lanes, events, end: micros(end), lost, ..Recording::default() })
    }
}

impl PlaceV1 {
    fn place(self, files: &[Arc<str>]) -> Result<Place, RecordError> {
        let Self(file, line) = self;
        let file = files.get(file).ok_or_else(|| malformed("a place has no file"))?;
        Ok(Place::Line { file: Arc::clone(file), line })
    }
}

impl From<WhatV1> for What {
    fn from(what: WhatV1) -> Self {
        match what {
            WhatV1::Made => Self::Made,
            WhatV1::Started => Self::Started,
            WhatV1::Unpolled { since } => Self::Unpolled { since: micros(since) },
            WhatV1::Said { text } => Self::Said(text),
            WhatV1::In { step, label } => Self::StepIn(step, label),
            WhatV1::Out { step } => Self::StepOut(step),
            WhatV1::Waits => Self::Waits,
            WhatV1::Ended { how } => Self::Ended(how.into()),
        }
    }
}

impl From<EndingV1> for Ending {
    fn from(ending: EndingV1) -> Self {
        match ending {
            EndingV1::Done => Self::Done,
            EndingV1::Failed => Self::Failed,
            EndingV1::Panicked => Self::Panicked,
            EndingV1::Dropped => Self::Dropped,
            EndingV1::NeverPolled => Self::NeverPolled,
        }
    }
}

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}
