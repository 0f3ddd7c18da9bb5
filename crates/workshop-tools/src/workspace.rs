//! The exercises lie in two packs of the workspace, and the README and the book have tables about them.

use std::path::Path;

use anyhow::Result;

use crate::{
    pack::{Pack, entries},
    page::Page,
};

/// The packs, in the order in which a learner goes through them.
const PACKS: [&str; 2] = ["workshop", "workshop-apps"];

/// The packs of a workspace.
pub(crate) fn packs(root: &Path) -> Result<Vec<Pack>> {
    let packs = PACKS.map(|name| Pack::read(&root.join("crates").join(name)));
    packs.into_iter().collect()
}

/// The pages whose tables are computed: of the workshop, and of each chapter.
pub(crate) fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut pages = vec![root.join("crates/workshop/README.md")];
    pages.extend(entries(&root.join("docs/src"))?);
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    pages.iter().map(|page| Page::read(page)).collect()
}
