//! A picture of a recording needs no script and no fixed theme, and its text can be selected.

mod layout;
mod legend;
mod row;
mod scale;
mod xml;

use std::fmt::Write;

use super::{
    columns::{columns, shortened, visible},
    fold::fold,
    rows::{Row, rows, tally},
    ticks::spoken,
    totals,
};
use crate::stage::record::Recording;
use layout::{AXIS, ROW, TOP, WIDTH};
use scale::Scale;
use xml::escaped;

/// More lanes than this are folded.
const MAX_ROWS: usize = 40;

/// A longer title would leave the card; arbitrary, because it depends on the reader's font.
const MAX_HEADING: usize = 90;

/// Classes instead of colours, so that a page may restyle the picture and a dark one is honoured.
const STYLE: &str = include_str!("svg/style.css");

/// Draws a recording as an SVG picture under this title, for the book.
///
/// A lane is a thin line while it waits and a thick bar inside a step, in the hue of the step's
/// label, veiled where it was woken and nobody polled it for a hundredth of the run or more. A dot
/// is a line said: hovering over it shows the text. The legend explains what occurs, and counts
/// how the lanes ended. Of more than 40 lanes, 40 are drawn and the others counted.
///
/// The picture is 860 units wide and as high as its lanes need. It follows the reader's choice of
/// a light or a dark theme.
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
        body += &more(&folded, bottom);
    }
    let legend = legend::legend(recording, &rows, &shown, &labels);
    body += &legend.draw(bottom + layout::LEGEND);
    frame(
        title,
        &summary(recording, &rows),
        bottom + layout::LEGEND + legend.height(),
        &body,
    )
}

/// What a reader who cannot see the picture is told.
fn summary(recording: &Recording, rows: &[Row<'_>]) -> String {
    let lanes = format!("{} in {}", totals::lanes(rows), spoken(recording.end));
    if rows.is_empty() { lanes } else { format!("{lanes}: {}", tally(rows)) }
}

/// The line about the lanes that are not drawn.
fn more(folded: &[&Row<'_>], y: f64) -> String {
    let tally = tally(folded.iter().copied());
    let x = layout::PADDING;
    format!(
        "<text class=\"quiet\" x=\"{x}\" y=\"{y}\">… and {} more: {tally}</text>\n",
        folded.len()
    )
}

/// The card around it all.
fn frame(title: &str, summary: &str, height: f64, body: &str) -> String {
    let heading = escaped(&shortened(title, MAX_HEADING));
    let title = escaped(title);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lanes\" role=\"img\" \
         aria-label=\"{title}. {summary}\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\">"
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
