//! An address is pending at the lowest level at which it was found so far.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::{Address, address::PageId, level::Level};

/// The addresses of the levels that have not begun yet. No level is empty.
#[derive(Debug, Default)]
pub(super) struct Pending {
    levels: BTreeMap<Level, Addresses>,
}

/// An address is stored as text, which needs a third of the memory of a parsed address.
#[derive(Debug, Default)]
struct Addresses {
    texts: HashMap<PageId, Box<str>>,
    /// The order in which they were found. An address that was removed has no text.
    order: VecDeque<PageId>,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.levels.values().map(|addresses| addresses.texts.len()).sum()
    }

    pub(super) fn lowest(&self) -> Option<Level> {
        self.levels.keys().next().copied()
    }

    /// Adds an address, or moves it to this level if it is pending at a higher one. Returns `false`
    /// if it is already pending at this level or at a lower one.
    pub(super) fn insert(&mut self, level: Level, address: &Address) -> bool {
        let id = address.id();
        let mut lower = self.levels.range(..=level);
        if lower.any(|(_, addresses)| addresses.texts.contains_key(&id)) {
            return false;
        }
        self.remove(id);
        let addresses = self.levels.entry(level).or_default();
        addresses.texts.insert(id, address.as_str().into());
        addresses.order.push_back(id);
        true
    }

    pub(super) fn remove(&mut self, id: PageId) {
        let mut levels = self.levels.values_mut();
        if levels.any(|addresses| addresses.texts.remove(&id).is_some()) {
            self.levels.retain(|_, addresses| !addresses.texts.is_empty());
        }
    }

    /// Takes the first address of this level.
    pub(super) fn pop(&mut self, level: Level) -> Option<Address> {
        let addresses = self.levels.get_mut(&level)?;
        let text = loop {
            let id = addresses.order.pop_front()?;
            if let Some(text) = addresses.texts.remove(&id) {
                break text;
            }
        };
        if addresses.texts.is_empty() {
            self.levels.remove(&level);
        }
        Some(Address::parse(&text).expect("it is the text of an address"))
    }
}
