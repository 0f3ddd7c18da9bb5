//! A visit holds all that a resumed crawl needs: an address, its outcome, and its new links.

use serde::{Deserialize, Serialize};

use crate::{
    Address,
    failure::Failure,
    level::Level,
    outcome::{Outcome, Skip},
};

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
    /// The addresses that it links to and that were new, or had only a longer path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
}

impl Visit {
    pub(crate) fn new(address: &Address, level: Level, outcome: Outcome) -> Self {
        let Level { depth, redirects } = level;
        let address = address.to_string();
        Self { address, depth, redirects, outcome, found: Vec::new() }
    }

    /// Whether a resumed crawl decides about the address again. No request was made for it: it is
    /// beyond the limits, which may be others then, or the rules of its site were unknown. Or this
    /// machine failed, which is no outcome of a page.
    pub(crate) fn is_provisional(&self) -> bool {
        match &self.outcome {
            Outcome::Skipped { why } => why.is_by_limits(),
            Outcome::Failed { why, .. } => {
                matches!(why, Failure::Robots(_) | Failure::Local(_))
            }
            Outcome::Fetched(_) => false,
        }
    }

    /// The level of the addresses that it links to.
    pub(crate) fn next_level(&self) -> Level {
        let level = Level { depth: self.depth, redirects: self.redirects };
        match self.outcome {
            Outcome::Skipped { why: Skip::Moved(_) } => level.after_redirect(),
            _ => level.after_link(),
        }
    }
}

fn is_zero(n: &u8) -> bool {
    *n == 0
}
