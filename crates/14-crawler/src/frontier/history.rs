//! A resumed crawl knows each address that an earlier crawl found, and applies its own limits.

use std::collections::HashSet;

use super::{Frontier, queued_page::QueuedPage};
use crate::{
    Address,
    outcome::{Outcome, Skip},
    visit::Visit,
};

impl Frontier {
    /// Admits the starts and every address in `history`; returns the pages that have no visit yet.
    pub(super) fn waiting_after(
        &mut self,
        starts: &[Address],
        history: impl IntoIterator<Item = Visit>,
    ) -> Vec<QueuedPage> {
        let mut waiting = Vec::new();
        for start in starts {
            self.add_site(start);
            waiting.extend(self.admit(start, 0, 0).queued());
        }
        let mut done = HashSet::new();
        for visit in history {
            waiting.extend(self.replay(&visit));
            done.insert(visit.address.into_boxed_str());
        }
        waiting.retain(|page| !done.contains(&page.address));
        waiting
    }

    /// Applies a visit of an earlier crawl to this frontier; returns the pages that it led to.
    fn replay(&mut self, visit: &Visit) -> Vec<QueuedPage> {
        match &visit.outcome {
            Outcome::Fetched(_) => self.fetched += 1,
            Outcome::Skipped { why: Skip::Moved(to) } if visit.depth == 0 => {
                Address::parse(to).iter().for_each(|to| self.add_site(to));
            }
            _ => {}
        }
        let (depth, redirects) = visit.link_depth();
        let skipped = visit.skipped.iter().map(|(address, _)| address);
        let addresses = visit.found.iter().chain(skipped);
        let addresses = addresses.flat_map(|address| Address::parse(address));
        addresses.flat_map(|link| self.admit(&link, depth, redirects).queued()).collect()
    }
}
