//! Reads a body up to a limit, and refuses a longer one. Used by `body` and the `fetcher`.
#![cfg(not(target_family = "wasm"))]

use reqwest::Response;

use crate::fetch_error::FetchError;

// ANCHOR: body
pub(crate) async fn read(
    mut answer: Response,
    at_most: usize,
) -> Result<Vec<u8>, FetchError> {
    if answer.content_length().is_some_and(|length| length > at_most as u64) {
        return Err(FetchError::TooBig(at_most));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if chunk.len() > at_most - body.len() {
            // Dropping the answer closes its connection: the server stops sending.
            return Err(FetchError::TooBig(at_most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
// ANCHOR_END: body
