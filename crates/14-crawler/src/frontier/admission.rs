//! An address is admitted once, under whichever spelling and by whichever link it comes first.

use super::{Frontier, site::Site, waiting::Waiting};
use crate::{
    Address,
    fate::{Fate, Skip, Visit},
};

/// Longer addresses are traps: every browser and every server can read 2,000 bytes.
const LONGEST_ADDRESS: usize = 2_000;

pub(super) enum Admission {
    Seen,
    Waits(Waiting),
    PassedOver(Skip),
}

impl Frontier {
    pub(super) fn found(&mut self, visit: &mut Visit, address: &Address) {
        let (depth, redirects) = visit.leads_to();
        match self.admit(address, depth, redirects) {
            Admission::Seen => {}
            Admission::PassedOver(why) => {
                visit.passed_over.push((address.to_string(), why));
            }
            Admission::Waits(waiting) => {
                visit.found.push(address.to_string());
                self.place(waiting);
            }
        }
    }

    pub(super) fn enter(&mut self, home: &Address) {
        if !self.sites.iter().any(|site| site.home.is_same_site(home)) {
            self.sites.push(Site::new(home.clone()));
        }
    }

    pub(super) fn admit(
        &mut self,
        address: &Address,
        depth: u32,
        redirects: u8,
    ) -> Admission {
        if !self.seen.insert(address.id()) {
            return Admission::Seen;
        }
        let site = self.sites.iter().position(|site| site.home.is_same_site(address));
        let Some(site) = site else { return Admission::PassedOver(Skip::OffSite) };
        if address.as_str().len() > LONGEST_ADDRESS {
            return Admission::PassedOver(Skip::TooLong);
        }
        if depth > self.rules.max_depth {
            return Admission::PassedOver(Skip::TooDeep);
        }
        let address = address.as_str().into();
        Admission::Waits(Waiting { address, site, depth, redirects, attempts: 0 })
    }

    pub(super) fn place(&mut self, waiting: Waiting) {
        match waiting.depth > self.depth {
            true => self.below.push(waiting),
            false => self.sites[waiting.site].push(waiting),
        }
    }

    /// Learns again what the earlier crawl learned, and judges it by the rules of this one.
    pub(super) fn replay(&mut self, visit: &Visit) -> Vec<Waiting> {
        match &visit.fate {
            Fate::Fetched(_) => self.fetched += 1,
            Fate::Skipped { why: Skip::Moved(to) } if visit.depth == 0 => {
                Address::parse(to).iter().for_each(|to| self.enter(to));
            }
            _ => {}
        }
        let (depth, redirects) = visit.leads_to();
        let passed_over = visit.passed_over.iter().map(|(address, _)| address);
        let addresses = visit.found.iter().chain(passed_over);
        let addresses = addresses.flat_map(|address| Address::parse(address));
        addresses.flat_map(|one| self.admit(&one, depth, redirects).waiting()).collect()
    }
}

impl Admission {
    pub(super) fn waiting(self) -> Option<Waiting> {
        match self {
            Self::Waits(waiting) => Some(waiting),
            Self::Seen | Self::PassedOver(_) => None,
        }
    }
}
