//! A request is finished only when its page has been parsed and saved, not when it has arrived.
//!
//! So the limit on concurrent requests also bounds the pages in memory.
#![cfg(not(target_family = "wasm"))]

use crate::{
    Address, Robots,
    engine::Fetch,
    failure::Failure,
    page_reader::PageReader,
    response::Response,
    store::Store,
    web::{Download, Web},
};

/// Fetches pages over HTTP, parses them, and saves them if there is a store.
#[derive(Clone, Debug)]
pub struct Fetcher {
    web: Web,
    pages: PageReader,
}

impl Fetcher {
    /// Fetches pages through `web`, and saves them in `store` if there is one.
    #[must_use]
    pub fn new(web: Web, store: Option<Store>) -> Self {
        Self { web, pages: PageReader::new(store) }
    }
}

impl Fetch for Fetcher {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.web.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        match self.web.download(address).await? {
            Download::Page(body) => self.pages.read(address, body).await,
            Download::Moved(to) => Ok(Response::Moved(to)),
            Download::Unwanted(why) => Ok(Response::Unwanted(why)),
        }
    }
}
