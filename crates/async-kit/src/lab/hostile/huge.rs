//! A body of 100 MB costs the server one static chunk.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::IntoResponse,
};
use futures::stream::iter;

use super::Hostile;

/// 100 bytes, so that it divides the whole; an element each, so that a parser feels them.
const LINE: &[u8; 100] =
    b"<p>Nothing to report tonight but fog, and a bell somewhere in it that \
                           nobody here ever rings...</p>\n";

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

/// A client with a limit can refuse it before it has read a byte of it.
pub(super) async fn sized(site: Path<Hostile>) -> impl IntoResponse {
    ([(CONTENT_LENGTH, (CHUNKS * CHUNK.len()).to_string())], unsized_(site).await)
}

/// Only counting while reading tells how large it is.
pub(super) async fn unsized_(_: Path<Hostile>) -> impl IntoResponse {
    let chunks = (0..CHUNKS).map(|_| Ok::<_, Infallible>(Bytes::from_static(&CHUNK)));
    ([(CONTENT_TYPE, "text/html")], Body::from_stream(iter(chunks)))
}
