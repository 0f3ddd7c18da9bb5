//! An SVG picture of a recording needs no script, and follows the reader's light or dark theme.

mod layout;
mod legend;
mod row;
mod scale;
mod xml;

use std::fmt::Write;

use self::{
    layout::{AXIS, ROW, TOP, WIDTH},
    scale::Scale,
    xml::escaped,
};
use super::{
    columns::shortened,
    fold::fold,
    rows::{Row, rows, state_counts},
    ticks::with_unit,
    totals,
};
use crate::stage::record::Recording;

/// If there are more lanes than this, only this many are drawn.
const MAX_ROWS: usize = 40;

/// A longer title would not fit into the picture. The number is arbitrary, because the width of
/// the title depends on the reader's font.
const MAX_HEADING: usize = 90;

/// The elements have classes instead of colours, so that a page can restyle the picture, and a
/// dark theme works.
const STYLE: &str = include_str!("svg/style.css");

/// Draws a recording as an SVG picture under this title, for the book.
///
/// A lane is a thin line while it waits, and a thick bar inside a step, in the colour of the step's
/// label. A pale bar covers each period in which the lane had been woken and was not polled for a
/// hundredth of the run or longer. A dot is a line that the lane printed: hovering over it shows
/// the text. The legend explains the marks in the picture, and counts how the lanes ended. If
/// there are more than 40 lanes, 40 are drawn and the others are counted.
///
/// The picture is 860 units wide and as high as its lanes require. It follows the reader's choice of
/// a light or a dark theme.
///
/// For scripts, its attribute `data-plot` has three numbers: the x positions of the beginning and of the
/// end of the run, and the time of the end in microseconds.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Transcript, say, stage::svg, virtual_time};
///
/// let seen = virtual_time(Transcript::of(async { say!("2 < 3") }.lane("sum")));
/// let picture = svg::render(seen.recording(), "A sum");
/// assert!(picture.contains("<title>0.00 s: 2 &lt; 3</title>"));
/// ```
pub fn render(recording: &Recording, title: &str) -> String {
    let rows = rows(recording);
    let (shown, folded) = fold(&rows, MAX_ROWS);
    let labels = recording.labels();
    let scale = Scale::new(recording.end, layout::margin(&shown));
    let hues = labels.iter().zip(0..).map(|(&label, number)| (label, number)).collect();
    let mut body = scale.grid(shown.len());
    for (number, row) in shown.iter().enumerate() {
        body += &row::draw(row, number, &hues, &scale);
    }
    let mut bottom = TOP + AXIS + ROW * shown.len() as f64;
    if !folded.is_empty() {
        bottom += ROW;
        body += &folded_line(&folded, bottom);
    }
    let legend = legend::legend(recording, &rows, &shown, &labels);
    body += &legend.draw(bottom + layout::LEGEND);
    frame(
        title,
        &summary(recording, &rows),
        bottom + layout::LEGEND + legend.height(),
        &scale,
        &body,
    )
}

/// The text that a screen reader reads instead of the picture.
fn summary(recording: &Recording, rows: &[Row<'_>]) -> String {
    let lanes = format!("{} in {}", totals::lanes(rows), with_unit(recording.end));
    if rows.is_empty() { lanes } else { format!("{lanes}: {}", state_counts(rows)) }
}

/// The text that counts the lanes that are not drawn.
fn folded_line(folded: &[&Row<'_>], y: f64) -> String {
    let state_counts = state_counts(folded.iter().copied());
    let x = layout::PADDING;
    format!(
        "<text class=\"quiet\" x=\"{x}\" y=\"{y}\">… and {} more: {state_counts}</text>\n",
        folded.len()
    )
}

/// The whole SVG file: title, style and background, with `body` in it.
fn frame(title: &str, summary: &str, height: f64, scale: &Scale, body: &str) -> String {
    let heading = escaped(&shortened(title, MAX_HEADING));
    let (title, plot) = (escaped(title), scale.plot());
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lanes\" role=\"img\" \
         aria-label=\"{title}. {summary}\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" data-plot=\"{plot}\">"
    );
    let _ = writeln!(svg, "<title>{title}</title>\n<style>\n{STYLE}</style>");
    let _ = writeln!(
        svg,
        "<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>",
        WIDTH - 1.0,
        height - 1.0
    );
    let x = layout::PADDING;
    let _ = writeln!(svg, "<text class=\"heading\" x=\"{x}\" y=\"34\">{heading}</text>");
    svg + body + "</svg>\n"
}
