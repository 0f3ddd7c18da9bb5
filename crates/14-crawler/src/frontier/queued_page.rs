//! A waiting page is stored as the text of its address, which needs a third of the memory of a
//! parsed address.

use crate::{Address, outcome::Outcome, visit::Visit};

/// A page that waits to be requested.
#[derive(Debug)]
pub(super) struct QueuedPage {
    pub(super) address: Box<str>,
    pub(super) site: usize,
    pub(super) depth: u32,
    pub(super) redirects: u8,
    pub(super) attempts: u32,
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
        self.page.depth
    }

    pub(super) fn visit(&self, outcome: Outcome) -> Visit {
        Visit {
            address: self.address.to_string(),
            depth: self.page.depth,
            redirects: self.page.redirects,
            outcome,
            found: Vec::new(),
            skipped: Vec::new(),
        }
    }
}
