//! A row is a thin line with a thick bar per step, a dot per printed line, and a badge at its end.

use std::{collections::HashMap, time::Duration};

use super::{
    super::{
        rows::{Row, State, Step},
        ticks::with_unit,
    },
    layout,
    scale::Scale,
    xml::escaped,
};
use crate::stage::record::Ending;

/// The number of hues in the stylesheet.
pub(super) const HUES: usize = 4;

/// The number of each label. A map and not a list, because a run may use a different label for
/// each of many steps.
pub(super) type Hues<'a> = HashMap<&'a str, usize>;

/// The height of a bar.
const BAR: f64 = 14.0;
/// A bar inside another bar is lower by this.
const INSET: f64 = 4.0;
/// Dots that are closer together than this become one dot.
const DOT: f64 = 4.0;
/// The maximum number of lines in the tooltip of a dot; arbitrary.
const MAX_LINES: usize = 8;

/// Draws a row; `number` counts the rows from the top.
pub(super) fn draw(
    row: &Row<'_>,
    number: usize,
    hues: &Hues<'_>,
    scale: &Scale,
) -> String {
    let y = layout::middle(number);
    let made_at = row.lane.made_at.as_ref();
    let made_at = made_at.map_or(String::new(), |place| format!(", made at {place}"));
    let name = format!(
        "<text class=\"name\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>\n",
        layout::PADDING,
        y + 4.0,
        escaped(&layout::name(row)),
        escaped(&format!("{}{made_at}", row.lane.name)),
    );
    [
        name,
        lifetime(row, y, scale),
        bars(row, y, hues, scale),
        row.stalls().map(|stall| unpolled(stall, y, scale)).collect(),
        dots(row, y, scale),
        end(row, y, scale),
    ]
    .concat()
}

fn lifetime(row: &Row<'_>, y: f64, scale: &Scale) -> String {
    let (from, to) = (scale.x(row.from), scale.x(row.to));
    rect("waiting", from, to, y, 4.0, "")
}

fn bars(row: &Row<'_>, y: f64, hues: &Hues<'_>, scale: &Scale) -> String {
    let mut open = Vec::<Duration>::new();
    let bars = row.steps.iter().map(|step| {
        open.retain(|&end| end > step.from);
        let height = (BAR - INSET * open.len() as f64).max(INSET);
        open.push(step.to);
        bar(step, y, height, hues, scale)
    });
    bars.collect()
}

fn bar(step: &Step<'_>, y: f64, height: f64, hues: &Hues<'_>, scale: &Scale) -> String {
    let hue = hues.get(step.label).copied().unwrap_or(0);
    period(&format!("hue{}", hue % HUES), step, y, height, scale)
}

/// A half-transparent bar over the lane while it is not polled.
fn unpolled(stall: &Step<'_>, y: f64, scale: &Scale) -> String {
    period("unpolled", stall, y, BAR, scale)
}

fn period(class: &str, step: &Step<'_>, y: f64, height: f64, scale: &Scale) -> String {
    let (from, to) = (scale.x(step.from), scale.x(step.to));
    let title =
        format!("{}: {} to {}", step.label, with_unit(step.from), with_unit(step.to));
    rect(class, from, to, y, height, &title)
}

/// A rectangle whose middle is at `y`. It is visible even if it takes no time.
fn rect(class: &str, from: f64, to: f64, y: f64, height: f64, title: &str) -> String {
    let (top, width, round) =
        (y - height / 2.0, (to - from).max(1.5), (height / 2.0).min(3.0));
    let title = match title {
        "" => String::new(),
        title => format!("<title>{}</title>", escaped(title)),
    };
    format!(
        "<rect class=\"{class}\" x=\"{from}\" y=\"{top}\" width=\"{width:.1}\" \
         height=\"{height}\" rx=\"{round}\">{title}</rect>\n"
    )
}

fn dots(row: &Row<'_>, y: f64, scale: &Scale) -> String {
    let overlap =
        |a: &(Duration, &str), b: &(Duration, &str)| scale.x(b.0) - scale.x(a.0) < DOT;
    row.said.chunk_by(overlap).map(|lines| dot(lines, y, scale)).collect()
}

fn dot(lines: &[(Duration, &str)], y: f64, scale: &Scale) -> String {
    let x = scale.x(lines[0].0);
    let mut title: Vec<_> = lines
        .iter()
        .take(MAX_LINES)
        .map(|(at, text)| escaped(&format!("{}: {text}", with_unit(*at))))
        .collect();
    if lines.len() > MAX_LINES {
        title.push(format!("and {} more", lines.len() - MAX_LINES));
    }
    let title = title.join("\n");
    format!(
        "<circle class=\"said\" cx=\"{x}\" cy=\"{y}\" r=\"3.6\"><title>{title}</title></circle>\n"
    )
}

fn end(row: &Row<'_>, y: f64, scale: &Scale) -> String {
    let title = format!("{} at {}", row.state.word(), with_unit(row.to));
    badge(row.state, scale.x(row.to) + 11.0, y, &title)
}

/// The mark of a state, as a badge.
pub(super) fn badge(state: State, x: f64, y: f64, title: &str) -> String {
    let class = match state {
        State::Ended(Ending::Done) => "good",
        State::Ended(Ending::Failed | Ending::Panicked | Ending::Dropped) => "bad",
        State::Ended(Ending::NeverPolled) | State::Running | State::NotRecorded => "open",
    };
    let path = match state {
        State::Ended(Ending::Done) => "M-3 0.2L-0.9 2.4L3.1 -2.3",
        State::Ended(Ending::Failed | Ending::Panicked) => {
            "M-2.4 -2.4L2.4 2.4M-2.4 2.4L2.4 -2.4"
        }
        State::Ended(Ending::Dropped) => "M-3.4 0H3.4",
        State::Ended(Ending::NeverPolled) => {
            "M3.4 -3.4L-3.4 3.4M2.9 0A2.9 2.9 0 1 1 2.9 -0.01"
        }
        State::Running => "M-3.2 0H3.2M0.6 -2.6L3.2 0L0.6 2.6",
        State::NotRecorded => "M-1.8 -1.6A1.9 1.9 0 1 1 0 0.4M0 2.9V3",
    };
    format!(
        "<g class=\"badge {class}\" transform=\"translate({x} {y})\"><circle r=\"6.5\"/>\
         <path d=\"{path}\"/><title>{title}</title></g>\n"
    )
}
