//! A message is two lines of JSON: what the reader must know of the part, then the part as a record.

use std::time::Duration;

use async_kit::stage::{
    record::{Clocks, LaneId, Part},
    record_file::{self, Language, Run},
};
use serde::{Deserialize, Serialize};

/// What a process sends.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) process: String,
    pub(super) start: u64,
    pub(super) number: u64,
    pub(super) clocks: Clocks,
    pub(super) part: Part,
}

/// The first line. Times are nanoseconds.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) start: u64,
    pub(super) number: u64,
    pub(super) theirs: u64,
    pub(super) ours: u64,
    pub(super) within: u64,
    pub(super) lanes: Vec<usize>,
}

impl Sent {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self { process, start, number, clocks, part } = self;
        let header = Header {
            start: *start,
            number: *number,
            theirs: nanos(clocks.theirs),
            ours: nanos(clocks.ours),
            within: nanos(clocks.within),
            lanes: part.lanes.iter().map(|LaneId(number)| *number).collect(),
        };
        let run = Run {
            section: format!("part {number}"),
            claim: "what a process has recorded".to_owned(),
            is_virtual: false,
            failure: None,
            recording: part.recording.clone(),
        };
        let header = serde_json::to_string(&header).expect("numbers are JSON");
        let record = record_file::render(process, Language::Rust, &[run]);
        format!("{header}\n{record}").into_bytes()
    }
}

impl Header {
    pub(super) fn clocks(&self) -> Clocks {
        let [theirs, ours, within] =
            [self.theirs, self.ours, self.within].map(Duration::from_nanos);
        Clocks { theirs, ours, within }
    }
}

fn nanos(moment: Duration) -> u64 {
    u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX)
}
