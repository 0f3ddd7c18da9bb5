//! A recording holds everything that can be shown of a run: its lanes, and what happened in them.
//!
//! The timeline, the picture, the trace and the record are made from a [`Recording`]. A [`Recorder`]
//! writes it. What another process has recorded can be added to it: see [`Recorder::import`].

mod clocks;
mod current;
mod import;
mod measure;
mod part;
mod place;
mod progress;
mod recorder;
mod recording;
mod settings;
#[cfg(test)]
mod tests;

pub use self::{
    clocks::Clocks,
    current::Installed,
    import::Import,
    part::{Part, PartError},
    place::Place,
    progress::Unfinished,
    recorder::Recorder,
    recording::{
        Ending, Event, KnobInfo, LaneId, LaneInfo, MAX_EVENTS, ProcessInfo, Question,
        Recording, What,
    },
    settings::Settings,
};
pub(super) use self::{
    current::{InLane, current_lane},
    progress::Progress,
};
