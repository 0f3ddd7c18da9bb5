//! The program of a page has no source files, and no code that searches for them.

use std::path::PathBuf;

use super::contents::{Contents, Section};

/// There are no sources, so this type has no values. `sources.rs` has the functions of the other programs.
pub(super) enum Sources {}

impl Sources {
    pub(super) fn of(_contents: &Contents) -> Option<Self> {
        None
    }

    pub(super) fn about(&self, _section: &Section) -> Vec<String> {
        match *self {}
    }

    pub(super) fn code(&self, _section: &Section) -> Option<PathBuf> {
        match *self {}
    }
}

pub(super) fn other_chapters_with(_contents: &Contents, _section: &str) -> Vec<String> {
    Vec::new()
}
