//! A response can fail before its first byte, fail in the middle of its body, or never arrive.

use std::{future::pending, io};

use axum::{
    body::{Body, Bytes},
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use tokio::task::yield_now;

/// Drops the connection without sending a byte: the body fails before hyper has sent the head.
pub(super) fn drop_connection() -> Response {
    let failed = Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset));
    Body::from_stream(stream::iter([failed])).into_response()
}

/// Announces twice as many bytes as it sends, and then drops the connection.
pub(super) fn truncated(kind: &'static str, first_half: &'static str) -> Response {
    let first = stream::iter([Ok(Bytes::from_static(first_half.as_bytes()))]);
    let cut = stream::once(async {
        // hyper sends its buffer when a body has nothing ready, but drops it on an error.
        yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let length = (2 * first_half.len()).to_string();
    let head = [(CONTENT_LENGTH, length), (CONTENT_TYPE, kind.to_owned())];
    (head, Body::from_stream(first.chain(cut))).into_response()
}

pub(super) async fn never() -> Response {
    pending().await
}
