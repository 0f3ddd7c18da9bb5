//! An address waits as text, which takes a third of the room of a parsed one.

use crate::{
    Address,
    fate::{Fate, Visit},
};

/// An address that waits for its turn.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) address: Box<str>,
    pub(super) site: usize,
    pub(super) depth: u32,
    pub(super) redirects: u8,
    pub(super) attempts: u32,
}

/// A page to ask for: hand it back with the answer.
#[derive(Debug)]
pub struct Job {
    address: Address,
    pub(super) waiting: Waiting,
}

impl Job {
    pub(super) fn new(waiting: Waiting) -> Self {
        let address = Address::parse(&waiting.address).expect("it was made from one");
        Self { address, waiting }
    }

    /// Where the page stands.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How many links away from the start it is.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.waiting.depth
    }

    pub(super) fn ended(&self, fate: Fate) -> Visit {
        Visit {
            address: self.address.to_string(),
            depth: self.waiting.depth,
            redirects: self.waiting.redirects,
            fate,
            found: Vec::new(),
            passed_over: Vec::new(),
        }
    }
}
