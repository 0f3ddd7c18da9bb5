//! What a run printed, and its timeline, in the width of the terminal.

use crate::stage::{
    record::Recording,
    render::timeline::{self, Style},
    testing::transcript::Transcript,
};

/// More lines than this are counted and not shown. Arbitrary: a report should fit on a screen.
const MAX_LINES: usize = 24;

/// The lines of the run, an empty line, and the timeline. A run without lanes has no timeline.
pub(super) fn picture(recording: &Recording, width: usize) -> String {
    let seen = Transcript::of_kept_events(recording.clone());
    let lines = seen.lines();
    let mut text = String::new();
    for line in lines.iter().take(MAX_LINES) {
        text += &format!("   {line}\n");
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MAX_LINES) {
        text += &format!("   … and {more} more\n");
    }
    if !recording.lanes.is_empty() {
        if !lines.is_empty() {
            text += "\n";
        }
        text += &timeline::render(recording, Style { width, color: false });
    }
    text
}

/// The columns of the terminal, also if the output goes to a tool that shows it there; 80 if there
/// is none.
pub(super) fn width() -> usize {
    columns().unwrap_or(80)
}

#[cfg(unix)]
fn columns() -> Option<usize> {
    use std::fs::File;

    let tty = File::options().read(true).write(true).open("/dev/tty").ok()?;
    let terminal = console::Term::read_write_pair(tty.try_clone().ok()?, tty);
    terminal.size_checked().map(|(_, columns)| columns.into())
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}
