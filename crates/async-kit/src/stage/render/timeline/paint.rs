//! Colour repeats what the characters show: without colour, only the labels' hues are lost.

use std::collections::HashMap;

use super::{
    super::{hue::Hues, rows::State},
    cells::Cell,
};
use crate::stage::record::{Ending, Recording};

/// The meaning of a colour; the terminal's palette decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Color {
    Plain,
    Dim,
    Bold,
    Good,
    Bad,
    Open,
    /// The hue of the n-th label.
    Label(usize),
}

/// Cyan, magenta, blue, yellow. Green and red are left out: they show how a lane ended.
const HUES: [&str; 4] = ["36", "35", "34", "33"];

impl Color {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Dim => "2",
            Self::Bold => "1",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Open => "33",
            Self::Label(number) => HUES[number % HUES.len()],
        }
    }
}

impl From<State> for Color {
    fn from(state: State) -> Self {
        match state {
            State::Ended(Ending::Done) => Self::Good,
            State::Ended(Ending::Failed | Ending::Panicked | Ending::Dropped) => {
                Self::Bad
            }
            State::Ended(Ending::NeverPolled) | State::Running | State::NotRecorded => {
                Self::Open
            }
        }
    }
}

/// Colours text, or leaves it unchanged if colour is off.
pub(super) struct Paint<'a> {
    on: bool,
    labels: HashMap<&'a str, usize>,
    lanes: Hues,
}

impl<'a> Paint<'a> {
    pub(super) fn new(on: bool, recording: &Recording, labels: &[&'a str]) -> Self {
        let labels = labels.iter().enumerate().map(|(number, &label)| (label, number));
        Self { on, labels: labels.collect(), lanes: Hues::of(recording) }
    }

    pub(super) fn in_color(&self, color: Color, text: &str) -> String {
        if !self.on || color == Color::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{}m{text}\x1b[0m", color.code())
    }

    /// `shown`, the perhaps shortened name of `lane`, in the colour of the lane's lines.
    pub(super) fn name(&self, lane: &str, shown: &str) -> String {
        match self.on && !lane.is_empty() {
            true => format!("\x1b[{}m{shown}\x1b[0m", self.lanes.hue(lane)),
            false => shown.to_owned(),
        }
    }

    /// The cells as text, with one escape for each group of neighbours of the same colour.
    pub(super) fn cells(&self, cells: &[Cell<'_>]) -> String {
        let groups = cells.chunk_by(|a, b| self.color(*a) == self.color(*b));
        let painted = groups.map(|group| {
            let text: String = group.iter().map(|cell| cell.glyph()).collect();
            self.in_color(self.color(group[0]), &text)
        });
        painted.collect()
    }

    fn color(&self, cell: Cell<'_>) -> Color {
        match cell {
            Cell::Blank => Color::Plain,
            Cell::Waiting => Color::Dim,
            Cell::Inside(label) => {
                Color::Label(self.labels.get(label).copied().unwrap_or(0))
            }
            Cell::Folded(_) => Color::Label(0),
            Cell::Unpolled => Color::Open,
            Cell::Said => Color::Bold,
            Cell::End(state) => state.into(),
        }
    }
}
