//! A row is a thin line with thick bars on it, dots for lines said, and a badge at its end.

use std::{collections::HashMap, time::Duration};

use super::{
    super::rows::{State, Step},
    Row, layout,
    scale::Scale,
    spoken,
    xml::escaped,
};
use crate::stage::record::Ending;

/// The stylesheet has so many.
pub(super) const HUES: usize = 4;

/// The number of each label. A map: a run may make up a label for each of many steps.
pub(super) type Hues<'a> = HashMap<&'a str, usize>;

/// The height of a bar; a bar inside another is this much lower.
const BAR: f64 = 14.0;
const INSET: f64 = 4.0;
/// Dots closer than this are one dot.
const DOT: f64 = 4.0;
/// A dot's tooltip has at most so many lines; arbitrary.
const MAX_LINES: usize = 8;

/// The row of this number.
pub(super) fn draw(
    row: &Row<'_>,
    number: usize,
    hues: &Hues<'_>,
    scale: &Scale,
) -> String {
    let y = layout::middle(number);
    let name = format!(
        "<text class=\"name\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>\n",
        layout::PADDING,
        y + 4.0,
        escaped(&layout::name(row)),
        escaped(&format!("{}, made at {}", row.lane.name, row.lane.made_at)),
    );
    [
        name,
        life(row, y, scale),
        bars(row, y, hues, scale),
        row.stalls().map(|stall| veil(stall, y, scale)).collect(),
        dots(row, y, scale),
        end(row, y, scale),
    ]
    .concat()
}

fn life(row: &Row<'_>, y: f64, scale: &Scale) -> String {
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
    stretch(&format!("hue{}", hue % HUES), step, y, height, scale)
}

/// What a lane shows through while nobody polls it.
fn veil(stall: &Step<'_>, y: f64, scale: &Scale) -> String {
    stretch("unpolled", stall, y, BAR, scale)
}

fn stretch(class: &str, step: &Step<'_>, y: f64, height: f64, scale: &Scale) -> String {
    let (from, to) = (scale.x(step.from), scale.x(step.to));
    let title = format!("{}: {} to {}", step.label, spoken(step.from), spoken(step.to));
    rect(class, from, to, y, height, &title)
}

/// A rectangle around a height; even one that takes no time is seen.
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
    let near =
        |a: &(Duration, &str), b: &(Duration, &str)| scale.x(b.0) - scale.x(a.0) < DOT;
    row.said.chunk_by(near).map(|lines| dot(lines, y, scale)).collect()
}

fn dot(lines: &[(Duration, &str)], y: f64, scale: &Scale) -> String {
    let x = scale.x(lines[0].0);
    let mut title: Vec<_> = lines
        .iter()
        .take(MAX_LINES)
        .map(|(at, text)| escaped(&format!("{}: {text}", spoken(*at))))
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
    let title = format!("{} at {}", row.state.word(), spoken(row.to));
    badge(row.state, scale.x(row.to) + 11.0, y, &title)
}

/// The mark of a state, as a badge.
pub(super) fn badge(state: State, x: f64, y: f64, title: &str) -> String {
    let class = match state {
        State::Ended(Ending::Done) => "good",
        State::Ended(Ending::Failed | Ending::Panicked | Ending::Dropped) => "bad",
        State::Ended(Ending::NeverPolled) | State::Running | State::Unseen => "open",
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
        State::Unseen => "M-1.8 -1.6A1.9 1.9 0 1 1 0 0.4M0 2.9V3",
    };
    format!(
        "<g class=\"badge {class}\" transform=\"translate({x} {y})\"><circle r=\"6.5\"/>\
         <path d=\"{path}\"/><title>{title}</title></g>\n"
    )
}
