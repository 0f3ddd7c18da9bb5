//! A slow client occupies its own connection, and no slot.
//!
//! A handler that reads a body waits for the network of its client. If aiohttp's
//! `await request.json()` runs inside a semaphore, or axum's `Json` extractor runs inside a
//! concurrency limit, a few clients that send one byte per second block all others. So the server receives the
//! whole body first, with its own timeout, and only then takes a slot.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob};
use axum::{Router, body::Body, http::StatusCode};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

use crate::{
    app::{
        api::routes,
        limits::{Limits, limited},
        memory::Memory,
        receive_body::BodyLimits,
        service::Users,
    },
    router_client::{post, send},
};

/// There is one slot. Ann sends her body in one piece, Bob in three pieces, and Cid in nine.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 80.ms(), 1.ms()..=300.ms());
    let limit = knob("limit", 300.ms(), 1.ms()..=1.secs());
    ask("pause=35ms", "does client cid get a 201, and when?");
    let app = app(limit);
    let start = |name, pieces, arrives| {
        let body = in_pieces(person(name), pieces, pause);
        let app = app.clone();
        tokio::spawn(async move {
            sleep(arrives).await;
            client(app, body).try_lane(name).await
        })
    };
    let clients =
        [start("cid", 9, 0.ms()), start("bob", 3, 10.ms()), start("ann", 1, 50.ms())];
    for client in clients {
        // Ignore the error: the task has printed its 408, and the section continues.
        let _ = client.await?;
    }
    Ok(())
}

// ANCHOR: slow_client
fn app(limit: Duration) -> Router {
    let users = Users::new(Memory::default().slow(20.ms()));
    let body = BodyLimits { bytes: 1024, time: limit };
    limited(routes(users), Limits { slots: 1, body, ..Limits::default() })
}

async fn client(
    app: Router,
    body: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Result<(), StatusCode> {
    let body = Body::from_stream(body.map(anyhow::Ok));
    send(app, post("/users", body)).await.report()
}

fn person(name: &str) -> String {
    format!(r#"{{"name":"{name}","email":"{name}@example.com"}}"#)
}

/// Sends `pieces` chunks with a pause between them, like a slow mobile network.
fn in_pieces(
    text: String,
    pieces: usize,
    pause: Duration,
) -> impl Stream<Item = Vec<u8>> + Send {
    let size = text.len().div_ceil(pieces);
    let chunks: Vec<_> = text.as_bytes().chunks(size).map(Vec::from).collect();
    stream::iter(chunks.into_iter().enumerate()).then(move |(n, chunk)| async move {
        if n > 0 {
            sleep(pause).step("sending").await;
        }
        chunk
    })
}
// ANCHOR_END: slow_client

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;
    use crate::router_client::FullResponse;

    /// ```text
    /// 0    50   100  150  200  250  300
    /// cid  ██████████████████████████████✗ 408
    /// ann       ██✓
    /// bob   ████████████████✓
    /// ```
    #[test]
    fn a_client_that_sends_slowly_does_not_occupy_the_only_slot() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let ann = r#"ann 201 {"id":1,"name":"ann","email":"ann@example.com"}"#;
            seen.assert_at(70.ms(), ann);
            let bob = r#"bob 201 {"id":2,"name":"bob","email":"bob@example.com"}"#;
            seen.assert_at(190.ms(), bob);
            seen.assert_at(300.ms(), "cid 408 the body did not arrive in time");
        });
    }

    fn sent(text: String, pieces: usize) -> FullResponse {
        let body = in_pieces(text, pieces, 1.ms()).map(anyhow::Ok);
        virtual_time(send(app(1.secs()), post("/users", Body::from_stream(body))))
    }

    #[test]
    fn a_body_is_read_up_to_its_limit_and_no_further() {
        let person = r#"{"name":"Ann","email":"ann@example.com"}"#;
        let padded = |bytes| format!("{person:<bytes$}");
        assert_eq!(sent(padded(1024), 3).status, StatusCode::CREATED);
        assert_eq!(sent(padded(1025), 3).status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn a_limit_above_two_megabytes_works_too() {
        let body = BodyLimits { bytes: 3_000_000, time: 1.secs() };
        let limits = Limits { body, ..Limits::default() };
        let app = limited(routes(Users::new(Memory::default())), limits);
        let person = r#"{"name":"Ann","email":"ann@example.com"}"#.to_owned();
        let long = person + &" ".repeat(2_900_000);
        let response = virtual_time(send(app, post("/users", long)));
        assert_eq!(response.status, StatusCode::CREATED, "{response}");
    }

    #[test]
    fn a_body_that_breaks_off_is_a_400() {
        let pieces = [Ok("{"), Err(anyhow::anyhow!("the connection is lost"))];
        let body = Body::from_stream(stream::iter(pieces));
        let response = virtual_time(send(app(1.secs()), post("/users", body)));
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{response}");
    }
}
