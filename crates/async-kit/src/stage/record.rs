//! A recording holds everything a run shows of itself: its lanes, and what happened in them.
//!
//! The timeline, the picture and the trace are made from a [`Recording`]. A [`Recorder`] writes it.

mod current;
mod measure;
mod recorder;
mod recording;
#[cfg(test)]
mod tests;
mod watched;

pub use self::{
    current::Installed,
    recorder::Recorder,
    recording::{
        Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, Question, Recording, What,
    },
    watched::Unfinished,
};
pub(super) use self::{
    current::{InLane, current_lane},
    watched::Signs,
};
