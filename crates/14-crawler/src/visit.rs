//! A visit holds all that a resumed crawl needs: an address, its outcome, and its new links.

use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, Skip};

/// One entry in the history of a crawl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The address.
    pub address: String,
    /// How many links away from the start it is, on the shortest path.
    pub depth: u32,
    /// How many redirects led to it after the last link.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redirects: u8,
    /// Whether it was fetched, and if not, the reason.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// New addresses that it links to, and that the crawl will visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// New addresses that it links to, and that the crawl will not visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<(String, Skip)>,
}

impl Visit {
    /// Moves the addresses that were too deep for an earlier crawl to `found`, if `max_depth` allows
    /// them now.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn apply_max_depth(&mut self, max_depth: u32) {
        let (depth, _) = self.link_depth();
        if depth <= max_depth {
            let wanted = self.skipped.extract_if(.., |(_, why)| *why == Skip::TooDeep);
            self.found.extend(wanted.map(|(address, _)| address));
        }
    }

    /// The depth of the addresses that it links to, and how many redirects led to them.
    pub(crate) fn link_depth(&self) -> (u32, u8) {
        match self.outcome {
            Outcome::Skipped { why: Skip::Moved(_) } => (self.depth, self.redirects + 1),
            _ => (self.depth + 1, 0),
        }
    }
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}
