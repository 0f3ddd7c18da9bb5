//! A resumed crawl knows each address that an earlier crawl found, and applies its own limits.

use super::Frontier;
use crate::{
    Address,
    outcome::{Outcome, Skip},
    visit::Visit,
};

impl Frontier {
    /// Applies a visit of an earlier crawl to this frontier, before the first call of
    /// [`next`](Self::next). Its address is not requested again, and the addresses that it found are.
    ///
    /// [`new`](Self::new) does this with a whole history. Call it yourself if the history arrives in
    /// parts.
    pub fn replay(&mut self, visit: &Visit) {
        if visit.is_provisional() {
            return;
        }
        match &visit.outcome {
            Outcome::Fetched(_) => self.fetched += 1,
            Outcome::Skipped { why: Skip::Moved(to) } if visit.depth == 0 => {
                Address::parse(to).iter().for_each(|to| self.add_site(to));
            }
            _ => {}
        }
        if let Ok(address) = Address::parse(&visit.address) {
            self.seen.insert(address.id());
            self.pending.remove(address.id());
        }
        for address in visit.found.iter().flat_map(|found| Address::parse(found)) {
            self.find(visit.next_level(), &address);
        }
    }
}
