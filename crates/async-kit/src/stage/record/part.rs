//! A process that sends its recording part by part loses only the last part when it is killed.

use std::{collections::HashMap, error, fmt, mem, num::NonZeroUsize};

use super::{
    recorder::Recorder,
    recording::{Event, LaneId, MAX_EVENTS, Recording},
};

/// What a process has recorded since the part before.
///
/// It can be written as a [record](crate::stage::record_file) and sent with its `lanes`, and is then
/// added to the run of another process by [`Import::add`](super::Import::add).
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The events, and the lanes in which they happened. Its end is when the part was taken.
    pub recording: Recording,
    /// For each lane of `recording`, its number among all lanes of the process. A lane has events in
    /// many parts, and its name does not identify it.
    pub lanes: Vec<LaneId>,
}

/// A part does not fit together: it was not made by [`Recorder::take_part`], or was changed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartError {
    /// The number of lanes differs from the number of lane numbers.
    Numbers {
        /// How many lanes there are.
        lanes: usize,
        /// How many numbers there are.
        numbers: usize,
    },
    /// An event names a lane by a position that the part does not have.
    NoSuchLane {
        /// The position.
        position: usize,
        /// How many lanes there are.
        lanes: usize,
    },
    /// There are more than [`MAX_EVENTS`] events, or more lanes than events.
    TooLarge {
        /// How many events there are.
        events: usize,
        /// How many lanes there are.
        lanes: usize,
    },
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbers { lanes, numbers } => {
                write!(f, "the part has {lanes} lanes and {numbers} numbers of lanes")
            }
            Self::NoSuchLane { position, lanes } => {
                write!(
                    f,
                    "an event names lane {position}, and the part has {lanes} lanes"
                )
            }
            Self::TooLarge { events, lanes } => write!(
                f,
                "the part has {events} events and {lanes} lanes: at most {MAX_EVENTS} events are \
                 allowed, and each lane needs one"
            ),
        }
    }
}

impl error::Error for PartError {}

impl Part {
    /// Adds a lane of the process, and returns its position in the part.
    fn add(&mut self, lane: LaneId, process: &Recording) -> LaneId {
        self.lanes.push(lane);
        self.recording.lanes.push(process.lanes[lane.0].clone());
        LaneId(self.lanes.len() - 1)
    }

    /// Whether it fits together, as [`Import::add`](super::Import::add) requires it.
    ///
    /// # Errors
    ///
    /// [`PartError`].
    pub fn check(&self) -> Result<(), PartError> {
        let Recording { lanes, events, .. } = &self.recording;
        let (lanes, numbers, count) = (lanes.len(), self.lanes.len(), events.len());
        if count > MAX_EVENTS || lanes > count {
            return Err(PartError::TooLarge { events: count, lanes });
        }
        if lanes != numbers {
            return Err(PartError::Numbers { lanes, numbers });
        }
        let mut positions = events.iter().filter_map(|event| event.lane);
        match positions.find(|LaneId(position)| *position >= lanes) {
            Some(LaneId(position)) => Err(PartError::NoSuchLane { position, lanes }),
            None => Ok(()),
        }
    }
}

impl Recorder {
    /// Removes the oldest events, at most `max`, and returns them. A later picture of this recorder does not
    /// show them.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Lane, say, stage::record::Recorder, virtual_time};
    /// # use std::num::NonZeroUsize;
    ///
    /// virtual_time(async {
    ///     let recorder = Recorder::silent();
    ///     recorder.record(async { say!("hello") }.lane("greeter")).await;
    ///     let part = recorder.take_part(NonZeroUsize::MAX);
    ///     assert_eq!(part.recording.lanes[0].name, "greeter");
    ///     assert!(recorder.take_part(NonZeroUsize::MAX).recording.events.is_empty());
    /// });
    /// ```
    pub fn take_part(&self, max: NonZeroUsize) -> Part {
        let mut state = self.state();
        let now = self.elapsed();
        let frozen = state.frozen;
        let recording = &mut state.recording;
        let later = recording.events.split_off(max.get().min(recording.events.len()));
        let events = mem::replace(&mut recording.events, later);
        // Only what is older than the remaining events is complete.
        let end = recording.events.first().map(|event| event.at);
        let end = end.unwrap_or(if frozen { recording.end } else { now });
        let lost = match recording.events.is_empty() {
            true => mem::take(&mut recording.lost),
            false => 0,
        };
        let mut part = Part::default();
        let mut positions = HashMap::new();
        for Event { at, lane, what, place } in events {
            let lane = lane.map(|lane| {
                *positions.entry(lane).or_insert_with(|| part.add(lane, recording))
            });
            part.recording.events.push(Event { at, lane, what, place });
        }
        (part.recording.end, part.recording.lost) = (end, lost);
        part
    }
}
