//! A chapter is a list of sections, each run by name.

/// A chapter.
pub struct Chapter {}
