//! The time axis ends before the right edge, because the last end mark needs space there.

use std::time::Duration;

use super::{
    super::ticks::Unit,
    layout::{AXIS, PADDING, ROW, TOP, WIDTH},
};

/// If ticks were closer together than this, their labels would be hard to read; arbitrary.
const MIN_TICK: f64 = 90.0;
/// The space for an end mark, which is drawn to the right of its time.
const MARK: f64 = 18.0;

/// Converts a time to an x position.
pub(super) struct Scale {
    end: Duration,
    left: f64,
    width: f64,
}

impl Scale {
    pub(super) fn new(end: Duration, left: f64) -> Self {
        Self { end, left, width: WIDTH - PADDING - MARK - left }
    }

    /// The x position of this time.
    pub(super) fn x(&self, at: Duration) -> f64 {
        self.x_of(at.as_nanos())
    }

    /// Where time is drawn: the x positions of the beginning and of the end, and the time of the end in
    /// microseconds.
    pub(super) fn plot(&self) -> String {
        let (from, to) = (self.x(Duration::ZERO), self.x(self.end));
        format!("{from} {to} {}", self.end.as_micros())
    }

    fn x_of(&self, nanos: u128) -> f64 {
        let end = self.end.as_nanos().max(1);
        let x = self.left + self.width * (nanos as f64 / end as f64);
        // Less than a tenth of a pixel is not visible, and more digits make the file larger.
        (x * 10.0).round() / 10.0
    }

    /// A vertical line and a label per tick.
    pub(super) fn grid(&self, rows: usize) -> String {
        if rows == 0 {
            return String::new();
        }
        let unit = Unit::of(self.end);
        let step = self.step(unit);
        let ticks = (0..=self.end.as_nanos() / step).map(|tick| tick * step);
        ticks.map(|at| self.tick(&unit.label(at, step), self.x_of(at), rows)).collect()
    }

    fn step(&self, unit: Unit) -> u128 {
        let end = self.end.as_nanos();
        let labels_fit = |step: u128| (end / step) as f64 * MIN_TICK <= self.width;
        let is_wide_enough = |step: &u128| match end {
            0 => *step >= unit.nanos,
            _ => labels_fit(*step),
        };
        unit.steps().find(is_wide_enough).expect("a step beyond the end is wide enough")
    }

    fn tick(&self, label: &str, x: f64, rows: usize) -> String {
        let (label_y, from) = (TOP + AXIS - 12.0, TOP + AXIS - 4.0);
        let to = TOP + AXIS + ROW * rows as f64;
        format!(
            "<text class=\"tick\" x=\"{x}\" y=\"{label_y}\">{label}</text>\
             <path class=\"grid\" d=\"M{x} {from}V{to}\"/>\n"
        )
    }
}
