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
    #[serde(skip)]
    language: Language,
    /// When it ended, in microseconds since it began.
    pub(crate) end: u64,
    /// Why it failed.
    pub(crate) failure: Option<String>,
    pub(crate) knobs: Vec<Knob>,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) events: Vec<Event>,
}

/// The language of the program.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Language {
    #[default]
    Rust,
    Python,
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
    /// As it is printed: a line of Rust has the name of its lane before it.
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Record {
    version: u32,
    language: Language,
    runs: Vec<Run>,
}

impl Run {
    /// The only run of the record in this file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::parse(&read(path)?).with_context(|| path.display().to_string())
    }

    /// The only run of a record.
    pub(crate) fn parse(record: &str) -> Result<Self> {
        let Record { version, language, mut runs } = serde_json::from_str(record)?;
        ensure!(version == 1, "the record has version {version}");
        ensure!(runs.len() == 1, "the record has {} runs", runs.len());
        let run = Self { language, ..runs.remove(0) };
        let mut lanes = run.events.iter().filter_map(|event| event.lane);
        ensure!(lanes.all(|lane| lane < run.lanes.len()), "a lane is missing");
        Ok(run)
    }

    /// The printed lines, in their order.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let line = |event: &Event| match &event.what {
            What::Said { text } => {
                let text = match (self.language, event.lane) {
                    (Language::Rust, Some(lane)) => {
                        format!("{} {text}", self.lanes[lane].name)
                    }
                    // A task of Python has a name too, but `print` does not print it.
                    _ => text.clone(),
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
    fn a_line_of_rust_begins_with_the_name_of_its_lane() {
        for (language, text) in [("rust", "job a"), ("python", "a")] {
            let record = format!(
                "{{\"version\":1,\"language\":\"{language}\",\"runs\":[{{\"end\":5,\"knobs\":[],\
                 \"lanes\":[{{\"name\":\"job\"}}],\"events\":[\
                 {{\"at\":5,\"lane\":0,\"what\":\"said\",\"text\":\"a\"}}]}}]}}"
            );
            let lines = Run::parse(&record).expect("a record").lines();
            assert_eq!(lines, [Line { at: 5, lane: Some(0), text: text.into() }]);
        }
    }

    #[test]
    fn a_record_of_another_form_is_refused() {
        let run = "{\"end\":5,\"knobs\":[],\"lanes\":[],\"events\":[";
        let event = "{\"at\":0,\"lane\":0,\"what\":\"made\"}";
        for (version, runs, why) in [
            (2, format!("{run}]}}"), "the record has version 2"),
            (1, String::new(), "the record has 0 runs"),
            (1, format!("{run}]}},{run}]}}"), "the record has 2 runs"),
            (1, format!("{run}{event}]}}"), "a lane is missing"),
        ] {
            let record = format!(
                "{{\"version\":{version},\"language\":\"rust\",\"runs\":[{runs}]}}"
            );
            assert_eq!(Run::parse(&record).expect_err(why).to_string(), why);
        }
    }
}
