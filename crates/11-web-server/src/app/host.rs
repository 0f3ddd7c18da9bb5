//! A request with two `Host` headers, or none, is refused.
//!
//! A proxy may route by the first `Host` and a server by the second, so an attacker could send a
//! request past the rules of the proxy. RFC 9112, section 3.2, demands a `400`; hyper leaves this check
//! to the application. A server with several sites has to choose the site by the host of the target, if
//! the target is a whole URL, and only then by this header.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, Version, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Host;

use super::problem::Problem;

/// Passes requests with one valid `Host`. Only HTTP/1.0 allows a request without it.
pub(crate) async fn require_host(request: Request, next: Next) -> Response {
    let hosts: Vec<_> = request.headers().get_all(HOST).iter().collect();
    let valid = match hosts[..] {
        [] => request.version() < Version::HTTP_11,
        [host] => is_host(host),
        _ => false,
    };
    let password = request.uri().authority().is_some_and(|to| to.as_str().contains('@'));
    if valid && !password {
        next.run(request).await
    } else {
        let detail = "a request has one header Host, with a name and perhaps a port";
        Problem::new(StatusCode::BAD_REQUEST, detail).into_response()
    }
}

/// Whether this is `host` or `host:port`. The header is empty if the URL of the client has no host.
fn is_host(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let (host, port) = match text.rsplit_once(':') {
        // `[::1]` has colons, but no port.
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (text, ""),
    };
    // `parse` alone would accept `+80`.
    let port = port.is_empty()
        || (port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok());
    // A URL may have a host with other characters, such as `"`, but this header may not.
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%[:]".contains(&byte);
    text.is_empty() || (port && host.bytes().all(allowed) && Host::parse(host).is_ok())
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
        for valid in [
            "example.com",
            "example.com:8080",
            "example.com:",
            "127.0.0.1:80",
            "[::1]:80",
            "[::1]",
            "a_b",
            "%41",
            "",
        ] {
            assert_eq!(status(Version::HTTP_11, &[valid]).await, 200, "{valid:?}");
        }
        for invalid in [
            "a b",
            "ann@example.com",
            "example.com/",
            "[::1",
            "a:b:c",
            "a:b",
            "a:+80",
            "a:65536",
            "[::1]a",
            "[a]",
            ":80",
            "%zz",
            "\"a\"",
            "::1",
        ] {
            assert_eq!(status(Version::HTTP_11, &[invalid]).await, 400, "{invalid:?}");
        }
        assert_eq!(status(Version::HTTP_11, &[]).await, 400);
        assert_eq!(status(Version::HTTP_11, &["a", "a"]).await, 400);
        assert_eq!(status(Version::HTTP_10, &["a", "b"]).await, 400);
        assert_eq!(status(Version::HTTP_10, &[]).await, 200);
    }

    #[tokio::test]
    async fn a_target_with_a_password_is_refused() {
        let app = Router::new().route("/", get(async || "")).layer(from_fn(require_host));
        for (target, status) in [("http://here/", 200), ("http://ann:secret@here/", 400)]
        {
            let request = Request::builder().uri(target).header(HOST, "here");
            let request = request.body(Body::empty()).expect("a valid request");
            assert_eq!(send(app.clone(), request).await.status.as_u16(), status);
        }
    }
}
