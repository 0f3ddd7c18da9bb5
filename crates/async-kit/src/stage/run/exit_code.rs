//! The exit code of a chapter shows how it ended; 0 means that everything ran.

/// A section failed, or something could not be written.
pub(super) const FAILED: i32 = 1;
/// The command line was wrong.
pub(super) const MISUSED: i32 = 2;
/// Ctrl-C: what a shell reports for a process that this signal ended.
pub(super) const INTERRUPTED: i32 = 130;
