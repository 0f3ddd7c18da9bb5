//! A waiting page is stored as the text of its address, which needs a third of the memory of a
//! parsed address.

use super::completion::MAX_REDIRECTS;
use crate::{Address, level::Level, outcome::Outcome, visit::Visit};

/// A page that waits to be requested.
#[derive(Debug)]
pub(super) struct QueuedPage {
    pub(super) address: Box<str>,
    pub(super) site: usize,
    pub(super) level: Level,
    pub(super) attempts: u32,
    /// How many redirects led from one spelling of the address to another.
    pub(super) respellings: u8,
}

impl QueuedPage {
    pub(super) fn new(address: &Address, site: usize, level: Level) -> Self {
        let address = address.as_str().into();
        Self { address, site, level, attempts: 0, respellings: 0 }
    }

    /// The same page with the address that its server prefers.
    pub(super) fn respelt(self, to: &Address) -> Self {
        let respellings = self.respellings + 1;
        Self { address: to.as_str().into(), attempts: 0, respellings, ..self }
    }
}

/// A page to request. Pass it to [`Frontier::page_done`](super::Frontier::page_done) with the
/// response.
#[derive(Debug)]
pub struct Job {
    address: Address,
    pub(super) page: QueuedPage,
}

impl Job {
    pub(super) fn new(page: QueuedPage) -> Self {
        let address =
            Address::parse(&page.address).expect("it is the text of an address");
        Self { address, page }
    }

    /// The address of the page.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How many links away from the start it is.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.page.level.depth
    }

    /// Whether a redirect leads to another spelling of this page, such as from `/%7Eada` to `/~ada`. As
    /// the address of another page it would be known already, and the page would be lost.
    pub(super) fn may_be_respelt(&self, to: &Address) -> bool {
        *to == self.address
            && to.as_str() != self.address.as_str()
            && self.page.respellings < MAX_REDIRECTS
    }

    pub(super) fn visit(&self, outcome: Outcome) -> Visit {
        Visit::new(&self.address, self.page.level, outcome)
    }
}
