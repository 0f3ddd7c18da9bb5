//! A body of 100 MB needs only one static chunk in the memory of the server.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::IntoResponse,
};
use futures::stream::iter;

use super::plan::Hostile;

/// A line has 100 bytes, so that it divides the body evenly. It is one HTML element, so that parsing
/// the page costs memory.
const LINE: &[u8; 100] =
    b"<p>Nothing to report tonight but fog, and a bell somewhere in it that \
                           no one here ever rings...</p>\n";

const LINES_IN_A_CHUNK: usize = 200;

static CHUNK: [u8; LINES_IN_A_CHUNK * LINE.len()] = chunk();

const CHUNKS: usize = 5000;

const fn chunk() -> [u8; LINES_IN_A_CHUNK * LINE.len()] {
    let mut chunk = [0; LINES_IN_A_CHUNK * LINE.len()];
    let mut i = 0;
    while i < chunk.len() {
        chunk[i] = LINE[i % LINE.len()];
        i += 1;
    }
    chunk
}

/// The length is in a header, so a client with a limit can refuse the page before it reads a byte of
/// the body.
pub(super) async fn sized(site: Path<Hostile>) -> impl IntoResponse {
    ([(CONTENT_LENGTH, (CHUNKS * CHUNK.len()).to_string())], unsized_(site).await)
}

/// No header has the length, so a client must count the bytes while it reads.
pub(super) async fn unsized_(_: Path<Hostile>) -> impl IntoResponse {
    let chunks = (0..CHUNKS).map(|_| Ok::<_, Infallible>(Bytes::from_static(&CHUNK)));
    ([(CONTENT_TYPE, "text/html")], Body::from_stream(iter(chunks)))
}
