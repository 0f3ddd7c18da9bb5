//! A hostile site has the faults that crawlers meet on real sites, and the same ones in every run.
//!
//! `/hostile/300-7/` is page 0 of 300; the other number is the seed, which decides which page
//! fails and how. [`Hostile`] computes the same plan, so a test can assert what a crawler must
//! find. Page `i` links to `10i + 1` to `10i + 10`. Three pages of ten fail. Of the failing pages
//! without children, half fail on every request. All other failing pages fail only on the first
//! request, so a crawler that retries once reaches every page.
//!
//! Page 0 also links to every one of the [hazards](Hostile::HAZARDS).

mod broken;
mod endless;
mod fault;
mod hazards;
mod huge;
mod pages;
mod plan;

pub use self::{
    fault::{Failure, Fault},
    plan::Hostile,
};
use super::{route::Entry, stats::Counters};

pub(super) fn entries(counters: &Counters) -> Vec<Entry> {
    let mut entries = pages::entries(counters);
    entries.extend(hazards::entries());
    entries
}
