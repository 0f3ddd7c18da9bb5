//! A redirect costs no depth: all levels of redirects come before the next level of links.

/// How an address is reached on the shortest way: by the fewest links, and then by the fewest
/// redirects after the last link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Level {
    pub(crate) depth: u32,
    pub(crate) redirects: u8,
}

impl Level {
    pub(crate) fn after_link(self) -> Self {
        Self { depth: self.depth.saturating_add(1), redirects: 0 }
    }

    pub(crate) fn after_redirect(self) -> Self {
        Self { redirects: self.redirects.saturating_add(1), ..self }
    }
}
