//! The legend explains only the marks that occur in the picture.

use super::{
    super::{
        columns::{columns, shortened},
        rows::{Row, State, UNPOLLED},
        ticks::with_unit,
        totals,
    },
    layout::{PADDING, WIDTH},
    row::{HUES, badge},
    xml::escaped,
};
use crate::stage::record::Recording;

/// If there are more labels than this, the others are only counted; arbitrary.
const MAX_LABELS: usize = 6;
/// Longer texts are cut, because they would not fit into the picture.
const MAX_TEXT: usize = 100;
const LINE: f64 = 24.0;
/// The width of a letter in the 12 px font, a little more than its average.
const LETTER: f64 = 6.9;
const ICON: f64 = 22.0;
const GAP: f64 = 20.0;

/// The lines of the legend.
pub(super) struct Legend(Vec<Vec<Entry>>);

struct Entry {
    icon: Icon,
    text: String,
    x: f64,
}

#[derive(Clone, Copy)]
enum Icon {
    None,
    Waiting,
    Step(usize),
    Unpolled,
    Said,
    End(State),
}

/// Explains the picture of this recording.
pub(super) fn legend(
    recording: &Recording,
    rows: &[Row<'_>],
    shown: &[&Row<'_>],
    labels: &[&str],
) -> Legend {
    let plain = |text| (Icon::None, text);
    let (named, more) = totals::peaks(recording, labels, MAX_LABELS);
    let total = format!("{} · {}", totals::lanes(rows), with_unit(recording.end));
    let mut entries = vec![plain(total)];
    let waits = shown.iter().any(|row| row.from < row.to);
    entries.extend(waits.then(|| (Icon::Waiting, "waiting".to_owned())));
    entries.extend((0..).map(Icon::Step).zip(named));
    entries.extend(more.map(plain));
    let stalls = shown.iter().any(|row| row.stalls().next().is_some());
    entries.extend(stalls.then(|| (Icon::Unpolled, UNPOLLED.to_owned())));
    let said = shown.iter().any(|row| !row.said.is_empty());
    entries.extend(said.then(|| (Icon::Said, "said a line".to_owned())));
    entries.extend(states(rows));
    entries.extend(totals::knobs(recording).map(plain));
    entries.extend(totals::processes(recording).map(plain));
    entries.extend(totals::lost(recording).map(plain));
    Legend(lines(entries))
}

fn states(rows: &[Row<'_>]) -> impl Iterator<Item = (Icon, String)> {
    State::ALL.into_iter().filter_map(|state| {
        let count = rows.iter().filter(|row| row.state == state).count();
        (count > 0).then(|| (Icon::End(state), format!("{count} {}", state.word())))
    })
}

fn lines(entries: Vec<(Icon, String)>) -> Vec<Vec<Entry>> {
    let mut lines = vec![Vec::new()];
    let mut x = PADDING;
    for (icon, text) in entries {
        let text = shortened(&text, MAX_TEXT);
        let width = icon.width() + columns(&text) as f64 * LETTER;
        if x + width > WIDTH - PADDING {
            lines.push(Vec::new());
            x = PADDING;
        }
        lines.last_mut().expect("there is a first line").push(Entry { icon, text, x });
        x += width + GAP;
    }
    lines
}

impl Legend {
    pub(super) fn height(&self) -> f64 {
        LINE * self.0.len() as f64
    }

    /// Draws the legend; `y` is the middle of its first line.
    pub(super) fn draw(&self, y: f64) -> String {
        let lines = self.0.iter().enumerate();
        let entries = lines.flat_map(|(number, line)| {
            line.iter().map(move |entry| entry.draw(y + LINE * number as f64))
        });
        entries.collect()
    }
}

impl Entry {
    fn draw(&self, y: f64) -> String {
        let (x, below) = (self.x + self.icon.width(), y + 4.0);
        let text = escaped(&self.text);
        let icon = self.icon.draw(self.x, y);
        format!("{icon}<text class=\"quiet\" x=\"{x:.1}\" y=\"{below}\">{text}</text>\n")
    }
}

impl Icon {
    fn width(self) -> f64 {
        if matches!(self, Self::None) { 0.0 } else { ICON }
    }

    fn draw(self, x: f64, y: f64) -> String {
        let bar = |class: &str, height: f64| {
            let top = y - height / 2.0;
            format!(
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top}\" width=\"15\" \
                 height=\"{height}\" rx=\"2\"/>"
            )
        };
        match self {
            Self::None => String::new(),
            Self::Waiting => bar("waiting", 4.0),
            Self::Step(number) => bar(&format!("hue{}", number % HUES), 12.0),
            Self::Unpolled => bar("unpolled", 12.0),
            Self::Said => {
                format!(
                    "<circle class=\"said\" cx=\"{:.1}\" cy=\"{y}\" r=\"3.6\"/>",
                    x + 8.0
                )
            }
            Self::End(state) => badge(state, x + 8.0, y, state.word()),
        }
    }
}
