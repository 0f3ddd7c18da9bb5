//! A slow client holds its own connection, and no slot.
//!
//! A handler that reads a body waits for the client's network. aiohttp's `await request.json()`
//! inside a semaphore, and a `Json` argument inside a concurrency limit, both let a few clients
//! who send a byte a second stop everybody. So the body is received first, in a time of its own,
//! and only then is there a request that deserves a slot.

use std::time::Duration;

use async_kit::{Lane, Millis, knob};
use axum::{Router, body::Body, http::StatusCode};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

use crate::{
    app::{
        api::routes,
        limits::{Limits, limited},
        memory::Memory,
        receive::Receiving,
        service::Users,
    },
    ask::{ask, post},
};

/// There is one slot. Ann sends her body in one piece, Bob in three, Cid in nine.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 80.ms(), 1.ms()..=300.ms());
    let limit = knob("limit", 300.ms(), 1.ms()..=1.secs());
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
        // Who is too slow is told, which is what this section shows.
        let _ = client.await?;
    }
    Ok(())
}

// ANCHOR: slow_client
fn app(limit: Duration) -> Router {
    let users = Users::new(Memory::default().slow(20.ms()));
    let receiving = Receiving { bytes: 1024, time: limit };
    limited(routes(users), Limits { slots: 1, receiving, ..Limits::default() })
}

async fn client(
    app: Router,
    body: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Result<(), StatusCode> {
    let body = Body::from_stream(body.map(anyhow::Ok));
    ask(app, post("/users", body)).await.say()
}

fn person(name: &str) -> String {
    format!(r#"{{"name":"{name}","email":"{name}@example.com"}}"#)
}

/// A pause before each piece but the first: the network of a phone in a tunnel.
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
    use crate::ask::Answer;

    /// ```text
    /// 0    50   100  150  200  250  300
    /// cid  ██████████████████████████████✗ 408
    /// ann       ██✓
    /// bob   ████████████████✓
    /// ```
    #[test]
    fn who_sends_slowly_keeps_nobody_from_the_one_slot() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let ann = r#"ann 201 {"id":1,"name":"ann","email":"ann@example.com"}"#;
            seen.assert_at(70.ms(), ann);
            let bob = r#"bob 201 {"id":2,"name":"bob","email":"bob@example.com"}"#;
            seen.assert_at(190.ms(), bob);
            seen.assert_at(300.ms(), "cid 408 the body did not arrive in time");
        });
    }

    fn sent(text: String, pieces: usize) -> Answer {
        let body = in_pieces(text, pieces, 1.ms()).map(anyhow::Ok);
        virtual_time(ask(app(1.secs()), post("/users", Body::from_stream(body))))
    }

    #[test]
    fn a_body_is_read_up_to_its_limit_and_no_further() {
        let person = r#"{"name":"Ann","email":"ann@example.com"}"#;
        let padded = |bytes| format!("{person:<bytes$}");
        assert_eq!(sent(padded(1024), 3).status, StatusCode::CREATED);
        assert_eq!(sent(padded(1025), 3).status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn a_limit_above_two_megabytes_holds_too() {
        let receiving = Receiving { bytes: 3_000_000, time: 1.secs() };
        let limits = Limits { receiving, ..Limits::default() };
        let app = limited(routes(Users::new(Memory::default())), limits);
        let person = r#"{"name":"Ann","email":"ann@example.com"}"#.to_owned();
        let long = person + &" ".repeat(2_900_000);
        let answer = virtual_time(ask(app, post("/users", long)));
        assert_eq!(answer.status, StatusCode::CREATED, "{answer}");
    }

    #[test]
    fn a_body_that_breaks_off_is_the_fault_of_the_client() {
        let pieces = [Ok("{"), Err(anyhow::anyhow!("the network is gone"))];
        let body = Body::from_stream(stream::iter(pieces));
        let answer = virtual_time(ask(app(1.secs()), post("/users", body)));
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer}");
    }
}
