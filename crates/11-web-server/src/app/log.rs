//! Each request has an id, which the client and the log share.
//!
//! A client quotes the id in a bug report. The log contains the cause; the response does not
//! contain it.
#![cfg(not(target_family = "wasm"))]

use std::{
    fmt::Display,
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use axum::{extract::Request, http::HeaderName, middleware::Next, response::Response};
use tokio::time::Instant;

use super::{characters::is_hidden, problem::Cause};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static REQUESTS: AtomicU64 = AtomicU64::new(0);

// ANCHOR: log
/// Prints a line for each request that was answered.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let (line, response) = run_and_describe(request, next).await;
    print_line(line);
    response
}

async fn run_and_describe(request: Request, next: Next) -> (String, Response) {
    let (id, start) = (REQUESTS.fetch_add(1, Relaxed) + 1, Instant::now());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), start.elapsed().as_millis());
    let cause = response.extensions().get::<Cause>();
    let cause = cause.map_or(String::new(), |Cause(cause)| format!(" because {cause}"));
    response.headers_mut().insert(REQUEST_ID, id.into());
    let line = format!("{id} {method} {path} {status} {took} ms{cause}");
    (printable(&line), response)
}
// ANCHOR_END: log

/// Prints a line, and ignores a closed pipe: `println!` would panic, and abort the requests in
/// flight.
pub(crate) fn print_line(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Replaces control characters, such as `\u{9b}`, and other characters that are not shown. A path can
/// contain some: a terminal that shows the log would execute the first, and change the order of the line
/// for `\u{202e}`.
fn printable(text: &str) -> String {
    let escaped =
        |c: char| if is_hidden(c) { c.escape_default().to_string() } else { c.into() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, say, virtual_time};
    use axum::{http::StatusCode, middleware::from_fn};

    use super::*;
    use crate::{
        app::{api::routes, memory::Memory, service::Users},
        router_client::{get, send},
    };

    #[tokio::test]
    async fn a_path_cannot_send_commands_to_the_terminal_of_the_log() {
        let path = "/caf\u{e9}/\u{9b}2J\u{202e}\u{2028}";
        let log = from_fn(|request: Request, next: Next| async {
            let (line, response) = run_and_describe(request, next).await;
            assert!(
                line.contains(" GET /caf\u{e9}/\\u{9b}2J\\u{202e}\\u{2028} 404 "),
                "{line}"
            );
            response
        });
        let app = routes(Users::new(Memory::default())).layer(log);
        assert_eq!(send(app, get(path)).await.status, StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_answer_and_the_log_share_an_id_and_only_the_log_has_the_cause() {
        virtual_time(async {
            let log = from_fn(|request: Request, next: Next| async {
                let (line, response) = run_and_describe(request, next).await;
                say!("{line}");
                response
            });
            let app = routes(Users::new(Memory::busy())).layer(log);
            let (seen, response) =
                Transcript::with_output(send(app, get("/users/1"))).await;
            assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
            let id = response.header(REQUEST_ID).expect("an id");
            let cause = "the store of users is busy: simulated";
            let line = format!("{id} GET /users/1 503 0 ms because {cause}");
            seen.assert_at(std::time::Duration::ZERO, &line);
            assert!(!response.body.contains("simulated"), "{response}");
        });
    }
}
