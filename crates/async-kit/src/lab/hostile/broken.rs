//! A declared content type or charset may be wrong, and markup may break every rule.

use axum::{
    body::Body,
    extract::Path,
    http::header::CONTENT_TYPE,
    response::{Html, IntoResponse, Response},
};

use super::plan::Hostile;

/// A browser finds one link here, to page 1. The others are in a comment, in a script, in an
/// attribute without a value, or are not valid addresses.
const BROKEN: &str = "<html><title>Broken &amp unfinished</title lang=en>
<body><p><b>Nothing <i>closes</b> in order</p></i>
<!-- <a href=commented>not a link</a> -->
<script>document.write('<a href=\"scripted\">not a link</a>')</script>
<table><tr><a HREF = page/1 >a link</table>
<a href>no address</a> <a href=\"\">itself</a> <a href=\"http://[no-host/\">no host</a>
<a href=\"java\nscript:void(0)\">no page</a> <a href='unfinished";

pub(super) async fn page(_: Path<Hostile>) -> Html<&'static str> {
    Html(BROKEN)
}

/// A parser that recurses for each element overflows its stack.
pub(super) async fn nested(_: Path<Hostile>) -> Html<String> {
    Html("<!doctype html>\n<title>Nested</title>\n".to_owned() + &"<div>".repeat(20_000))
}

pub(super) async fn bytes(_: Path<Hostile>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/html")],
        b"\x89PNG\r\n\x1a\n\x00\x00<a href=\"\xff\">".as_slice(),
    )
}

pub(super) async fn png(_: Path<Hostile>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/png")], "<!doctype html>\n<title>A page</title>\n")
}

pub(super) async fn untyped(_: Path<Hostile>) -> Response {
    Response::new(Body::from("<!doctype html>\n<title>A page</title>\n"))
}

pub(super) async fn latin1(_: Path<Hostile>) -> impl IntoResponse {
    let kind = "text/html; charset=iso-8859-1";
    ([(CONTENT_TYPE, kind)], b"<!doctype html>\n<title>Caf\xe9</title>\n".as_slice())
}

pub(super) async fn no_utf8(_: Path<Hostile>) -> impl IntoResponse {
    let kind = "text/html; charset=utf-8";
    ([(CONTENT_TYPE, kind)], b"<!doctype html>\n<title>Caf\xe9</title>\n".as_slice())
}
