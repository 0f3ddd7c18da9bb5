//! A request that names two hosts, or none, is refused.
//!
//! A proxy may route by the first `Host` and a server by the second, so an attacker could send a
//! request past the rules of the proxy. RFC 9112, section 3.2, demands a `400`; hyper leaves this check
//! to the application.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, Version, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::problem::Problem;

/// Passes requests with one valid `Host`. Only HTTP/1.0 allows a request without it.
pub(crate) async fn require_host(request: Request, next: Next) -> Response {
    let hosts: Vec<_> = request.headers().get_all(HOST).iter().collect();
    let valid = match hosts[..] {
        [] => request.version() < Version::HTTP_11,
        [host] => is_host(host),
        _ => false,
    };
    if valid {
        next.run(request).await
    } else {
        let detail = "a request has one header Host, with a name and perhaps a port";
        Problem::new(StatusCode::BAD_REQUEST, detail).into_response()
    }
}

/// Whether this is `host` or `host:port`. The header is empty if the URL of the client has no host.
fn is_host(value: &HeaderValue) -> bool {
    let text = value.as_bytes();
    text.is_empty() || (!text.contains(&b'@') && Authority::try_from(text).is_ok())
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn, routing::get};

    use super::*;
    use crate::router_client::send;

    async fn status(version: Version, hosts: &[&str]) -> u16 {
        let app = Router::new().route("/", get(async || "")).layer(from_fn(require_host));
        let request = Request::builder().uri("/").version(version);
        let request =
            hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        let request = request.body(Body::empty()).expect("a valid request");
        send(app, request).await.status.as_u16()
    }

    #[tokio::test]
    async fn a_request_has_exactly_one_valid_host() {
        for valid in ["example.com", "example.com:8080", "127.0.0.1:80", "[::1]:80", ""] {
            assert_eq!(status(Version::HTTP_11, &[valid]).await, 200, "{valid:?}");
        }
        for invalid in ["a b", "ann@example.com", "example.com/", "[::1", "a:b:c"] {
            assert_eq!(status(Version::HTTP_11, &[invalid]).await, 400, "{invalid:?}");
        }
        assert_eq!(status(Version::HTTP_11, &[]).await, 400);
        assert_eq!(status(Version::HTTP_11, &["a", "a"]).await, 400);
        assert_eq!(status(Version::HTTP_10, &["a", "b"]).await, 400);
        assert_eq!(status(Version::HTTP_10, &[]).await, 200);
    }
}
