//! A response is a page, a redirect, or something that the crawl does not want.

use crate::{
    Address,
    outcome::{Fetched, Skip},
};

/// What a server returned for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A page, and the targets of its links.
    Page(Fetched, Vec<Address>),
    /// A redirect to another address.
    Moved(Address),
    /// Something that the crawl does not want.
    Unwanted(Skip),
}
