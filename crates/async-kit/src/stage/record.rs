//! A recording holds everything that can be shown of a run: its lanes, and what happened in them.
//!
//! The timeline, the picture, the trace and the record are made from a [`Recording`]. A [`Recorder`]
//! writes it.

mod current;
mod measure;
mod place;
mod progress;
mod recorder;
mod recording;
mod settings;
#[cfg(test)]
mod tests;

pub use self::{
    current::Installed,
    place::Place,
    progress::Unfinished,
    recorder::Recorder,
    recording::{
        Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, Question, Recording, What,
    },
    settings::Settings,
};
pub(super) use self::{
    current::{InLane, current_lane},
    progress::Progress,
};
