//! Time runs from the names to the right edge, where the last mark needs room.

use std::time::Duration;

use super::{
    super::ticks::Unit,
    layout::{AXIS, PADDING, ROW, TOP, WIDTH},
};

/// Ticks closer than this crowd their labels; arbitrary.
const MIN_TICK: f64 = 90.0;
/// An end mark stands right of its moment.
const MARK: f64 = 18.0;

/// From time to the horizontal place.
pub(super) struct Scale {
    end: Duration,
    left: f64,
    width: f64,
}

impl Scale {
    pub(super) fn new(end: Duration, left: f64) -> Self {
        Self { end, left, width: WIDTH - PADDING - MARK - left }
    }

    /// Where this moment is.
    pub(super) fn x(&self, at: Duration) -> f64 {
        self.place(at.as_nanos())
    }

    fn place(&self, nanos: u128) -> f64 {
        let end = self.end.as_nanos().max(1);
        let x = self.left + self.width * (nanos as f64 / end as f64);
        // A tenth of a pixel is what anybody sees; more digits only make the file larger.
        (x * 10.0).round() / 10.0
    }

    /// A line and a label per tick.
    pub(super) fn grid(&self, rows: usize) -> String {
        if rows == 0 {
            return String::new();
        }
        let unit = Unit::of(self.end);
        let step = self.step(unit);
        let ticks = (0..=self.end.as_nanos() / step).map(|tick| tick * step);
        ticks.map(|at| self.tick(&unit.label(at, step), self.place(at), rows)).collect()
    }

    fn step(&self, unit: Unit) -> u128 {
        let end = self.end.as_nanos();
        let roomy = |step: u128| (end / step) as f64 * MIN_TICK <= self.width;
        let wide = |step: &u128| match end {
            0 => *step >= unit.nanos,
            _ => roomy(*step),
        };
        unit.steps().find(wide).expect("a step beyond the end is wide enough")
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
