//! A transcript holds what a future said, and when, for a test to compare.

/// What a future said.
pub struct Transcript {}
