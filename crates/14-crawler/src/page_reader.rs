//! A downloaded page is parsed and saved in one hop to a thread that may block.
#![cfg(not(target_family = "wasm"))]

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::{
    Address, failure::Failure, outcome::Fetched, response::Response, store::Store,
    web::Body,
};

/// Parses pages, and saves them if there is a store.
#[derive(Clone, Debug)]
pub(crate) struct PageReader {
    store: Option<Arc<Store>>,
}

impl PageReader {
    pub(crate) fn new(store: Option<Store>) -> Self {
        Self { store: store.map(Arc::new) }
    }

    // ANCHOR: read
    /// Parses and saves a page. Both block, so one thread that may block does both.
    pub(crate) async fn read(
        &self,
        address: &Address,
        body: Body,
    ) -> Result<Response, Failure> {
        let (address, store) = (address.clone(), self.store.clone());
        let page = spawn_blocking(move || {
            let parsed = body.parse(&address);
            let file = store.map(|store| store.save(&address, &body.bytes));
            let file = file.transpose();
            let unsaved = |error| Failure::Local(format!("cannot be saved: {error}"));
            let file = file.map_err(unsaved)?;
            let bytes = body.bytes.len() as u64;
            let page = Fetched { title: parsed.title, bytes, file };
            Ok(Response::Page(page, parsed.links))
        });
        // If a page makes the parser panic, only this page fails.
        page.await.unwrap_or_else(|panic| Err(Failure::Unparsed(panic.to_string())))
    }
    // ANCHOR_END: read
}
