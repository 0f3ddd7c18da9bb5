//! Notes and errors go to standard error, so that a pipe gets only the lines of the run.

use std::io::{self, Write};

use super::{page::BOLD, terminal::Stream};

/// Bold and red.
const RED: &str = "1;31";

/// Writes an error to standard error.
pub(super) fn print_error(message: &str) {
    print_note("error:", message);
}

/// Writes a note to standard error, which begins with `what` in bold.
pub(super) fn print_note(what: &str, message: &str) {
    let page = Stream::Errors.page(false);
    let text = page.wrapped(&format!("{what} {message}"));
    let painted = page.paint(if what == "error:" { RED } else { BOLD }, what);
    // Standard error may be closed too, and then the message is lost.
    let _ = writeln!(io::stderr(), "{}", text.replacen(what, &painted, 1));
}
