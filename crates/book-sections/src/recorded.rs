//! A recorded run is read from the file that `--record` wrote.
//!
//! The format is described where it is written: `async_kit::stage::record_file`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::workspace::read;

/// One run of a section.
#[derive(Debug, Deserialize)]
pub(crate) struct Run {
    /// When it ended, in microseconds since it began.
    pub(crate) end: u64,
    /// Why it failed.
    pub(crate) failure: Option<String>,
    pub(crate) knobs: Vec<Knob>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Knob {
    pub(crate) name: String,
    pub(crate) refused: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Lane {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    /// Microseconds since the run began.
    pub(crate) at: u64,
    /// The position of its lane, from 0.
    pub(crate) lane: Option<usize>,
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What happened; of the other events nothing can be asked.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub(crate) enum What {
    Said {
        text: String,
    },
    In {
        step: u64,
        label: String,
    },
    Out {
        step: u64,
    },
    Ended {
        how: String,
    },
    #[serde(other)]
    Other,
}

/// A printed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Microseconds since the run began.
    pub(crate) at: u64,
    pub(crate) lane: Option<usize>,
    /// With the name of its lane before it, as it is printed.
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Record {
    version: u32,
    runs: Vec<Run>,
}

impl Run {
    /// The only run of the record in this file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::parse(&read(path)?).with_context(|| path.display().to_string())
    }

    /// The only run of a record.
    pub(crate) fn parse(record: &str) -> Result<Self> {
        let Record { version, mut runs } = serde_json::from_str(record)?;
        ensure!(version == 1, "a record of version {version} is unknown");
        ensure!(runs.len() == 1, "a record of one run was expected");
        runs.pop().context("there is a run")
    }

    /// The printed lines, in their order.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let line = |event: &Event| match &event.what {
            What::Said { text } => {
                let name = event.lane.and_then(|lane| self.lanes.get(lane));
                let text = match name {
                    Some(lane) => format!("{} {text}", lane.name),
                    None => text.clone(),
                };
                Some(Line { at: event.at, lane: event.lane, text })
            }
            _ => None,
        };
        self.events.iter().filter_map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Lane, Transcript, say,
        stage::record_file::{self, Language},
        virtual_time,
    };

    use super::*;

    #[test]
    fn what_the_kit_writes_can_be_read() {
        let seen = virtual_time(Transcript::of(async {
            say!("hello");
            async { say!("bye") }.lane("a").await;
        }));
        let run = record_file::Run {
            section: "greeting".into(),
            claim: "a greeter greets".into(),
            is_virtual: true,
            failure: None,
            recording: seen.recording().clone(),
        };
        let record = record_file::render("politeness", Language::Rust, &[run]);
        let lines = Run::parse(&record).expect("a record").lines();
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["hello", "a bye"]);
        assert_eq!((lines[0].lane, lines[1].lane), (None, Some(0)));
    }

    #[test]
    fn a_record_of_another_version_is_refused() {
        let error = Run::parse("{\"version\":2,\"runs\":[]}").expect_err("version 2");
        assert_eq!(error.to_string(), "a record of version 2 is unknown");
    }
}
