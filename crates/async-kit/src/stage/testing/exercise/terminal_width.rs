//! A refusal has the width of the terminal, and at least 40 columns.

/// In a narrower terminal the texts do not become narrower. Arbitrary: two transcripts side by side
/// are still readable.
const NARROWEST: usize = 40;

/// The columns of the terminal, also if the output goes to a tool that shows it there; 80 if there
/// is none.
pub(super) fn width() -> usize {
    columns().unwrap_or(80).max(NARROWEST)
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
