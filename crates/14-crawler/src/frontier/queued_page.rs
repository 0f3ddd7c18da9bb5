//! A waiting page is stored as the text of its address, which needs a third of the memory of a
//! parsed address.

use crate::{Address, level::Level, outcome::Outcome, visit::Visit};

/// A page that waits to be requested.
#[derive(Debug)]
pub(super) struct QueuedPage {
    pub(super) address: Box<str>,
    pub(super) site: usize,
    pub(super) level: Level,
    pub(super) attempts: u32,
}

impl QueuedPage {
    pub(super) fn new(address: &Address, site: usize, level: Level) -> Self {
        Self { address: address.as_str().into(), site, level, attempts: 0 }
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

    pub(super) fn visit(&self, outcome: Outcome) -> Visit {
        Visit::new(&self.address, self.page.level, outcome)
    }
}
