//! Every error response has its status, its headers, and a JSON body of the same shape.
//!
//! aiohttp sends `404: Not Found` as text, and an HTML page after an exception in a handler. But a
//! client is a program: it reads the status, `Allow`, `Retry-After`, and a body of one shape. Here
//! every layer responds with `application/problem+json`.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Millis, say};
use axum::Router;
use reqwest::{
    Client, Method, Response,
    header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::Value;

use crate::{
    app::{
        api::routes,
        limits::{Limits, limited},
        memory::Memory,
        receive_body::BodyLimits,
        serve::ConnectionLimits,
        service::Users,
    },
    local_server::LocalServer,
};

/// Three valid requests, and one request for each kind of error.
pub(crate) async fn run() -> anyhow::Result<()> {
    let server =
        LocalServer::start(app(Memory::with_users(42)), ConnectionLimits::default())
            .await?;
    let client = Client::builder().no_proxy().build()?;
    let ann = r#"{"name": "Ann", "email": "ann@example.com"}"#;
    let known = r#"{"name": "Ann", "email": "USER1@example.com"}"#;
    let nameless = r#"{"name": "", "email": "ann@example.com"}"#;
    let long = " ".repeat(300);
    for (method, path, body) in [
        (Method::GET, "/users/42", ""),
        (Method::GET, "/users/43", ""),
        (Method::GET, "/users/abc", ""),
        (Method::GET, "/nope", ""),
        (Method::DELETE, "/users/42", ""),
        (Method::POST, "/users", ann),
        (Method::POST, "/users", known),
        (Method::POST, "/users", nameless),
        (Method::POST, "/users", "{"),
        (Method::POST, "/users", &long),
        (Method::GET, "/", ""),
        (Method::GET, "/", ""),
    ] {
        let request =
            client.request(method.clone(), server.url(path)).body(body.to_owned());
        let request = request.header(CONTENT_TYPE, "application/json");
        say!("{method} {path} {}", summary(request.send().await?).await?);
    }
    Ok(())
}

// ANCHOR: refusals
/// The twelfth request without a pause exceeds the rate, and a body of 257 bytes is too long.
fn app(store: Memory) -> Router {
    let body = BodyLimits { bytes: 256, time: 1.secs() };
    let limits = Limits { burst: 11, every: 1.secs(), body, ..Limits::default() };
    limited(routes(Users::new(store)), limits)
}

async fn summary(response: Response) -> anyhow::Result<String> {
    let mut line = response.status().as_u16().to_string();
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            line += &format!(", {name}: {}", value.to_str()?);
        }
    }
    let problem = response.headers().get(CONTENT_TYPE);
    if problem.is_some_and(|kind| kind == "application/problem+json") {
        let problem: Value = response.json().await?;
        line += &format!(", {}", problem["detail"].as_str().unwrap_or_default());
    }
    Ok(line)
}
// ANCHOR_END: refusals

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, StatusCode},
    };
    use serde_json::json;

    use async_kit::virtual_time;

    use super::*;
    use crate::{
        local_server::send_raw,
        router_client::{FullResponse, get, post, send},
    };

    fn response(request: Request<Body>) -> FullResponse {
        virtual_time(send(app(Memory::with_users(42)), request))
    }

    fn with_method(method: Method, path: &str) -> Request<Body> {
        let mut request = get(path);
        *request.method_mut() = method;
        request
    }

    #[track_caller]
    fn assert_problem(response: &FullResponse, status: StatusCode) {
        assert_eq!(response.status, status, "{response}");
        assert_eq!(response.header(CONTENT_TYPE), Some("application/problem+json"));
        let problem: Value = serde_json::from_str(&response.body).expect("JSON");
        assert_eq!(problem["status"], status.as_u16(), "{problem}");
        assert_eq!(problem["title"], json!(status.canonical_reason()), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }

    #[test]
    fn an_unknown_path_and_a_missing_user_are_a_404() {
        assert_problem(&response(get("/nope")), StatusCode::NOT_FOUND);
        assert_problem(&response(get("/users/43")), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_405_lists_the_allowed_methods() {
        for (path, allow) in
            [("/", "GET,HEAD"), ("/users/42", "GET,HEAD"), ("/users", "POST")]
        {
            let response = response(with_method(Method::DELETE, path));
            assert_problem(&response, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(response.header(ALLOW), Some(allow), "{path}");
        }
    }

    #[test]
    fn a_wrong_body_gets_the_status_of_its_error() {
        let nameless = r#"{"name":"","email":"ann@example.com"}"#;
        let unknown = r#"{"name":"Ann","email":"ann@example.com","admin":true}"#;
        let taken = r#"{"name":"Ann","email":"USER1@example.com"}"#;
        for (body, status) in [
            ("{", StatusCode::BAD_REQUEST),
            (nameless, StatusCode::UNPROCESSABLE_ENTITY),
            (unknown, StatusCode::UNPROCESSABLE_ENTITY),
            (taken, StatusCode::CONFLICT),
        ] {
            assert_problem(&response(post("/users", body)), status);
        }
        let mut no_json = post("/users", "name=Ann");
        no_json.headers_mut().remove(CONTENT_TYPE);
        assert_problem(&response(no_json), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }

    #[test]
    fn a_429_has_a_retry_after() {
        virtual_time(async {
            let app = app(Memory::default());
            for _ in 0..11 {
                assert_eq!(send(app.clone(), get("/")).await.status, StatusCode::OK);
            }
            let response = send(app, get("/")).await;
            assert_problem(&response, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(response.header(RETRY_AFTER), Some("1"));
        });
    }

    #[test]
    fn a_busy_store_is_a_503_with_a_retry_after() {
        let response = virtual_time(send(app(Memory::busy()), get("/users/1")));
        assert_problem(&response, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.header(RETRY_AFTER), Some("1"));
    }

    /// Otherwise the server would wait for the body, and respond with `408` after the timeout.
    #[tokio::test]
    async fn an_announced_body_that_is_too_long_is_refused_before_it_is_sent() {
        let server =
            LocalServer::start(app(Memory::default()), ConnectionLimits::default()).await;
        let server = server.expect("a server");
        let head = "POST /users HTTP/1.1\r\nhost: here\r\ncontent-length: 257\r\n\r\n";
        let response = send_raw(server.address, head).await.expect("a response");
        assert!(response.starts_with("HTTP/1.1 413"), "{response}");
    }
}
