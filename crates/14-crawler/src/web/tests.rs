//! A page and a `robots.txt` are read correctly, whatever bytes a server sends for them.

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex},
};

use async_kit::{Millis, TimeLimit};
use flate2::{Compression, write::GzEncoder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

use super::*;
use crate::Robots;

/// Sends these bytes for these paths, and a 404 for all others. Each connection has one request.
struct Server {
    url: String,
    /// The head of each request.
    requests: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start<P: Into<String>>(
        responses: impl IntoIterator<Item = (P, Vec<u8>)>,
    ) -> Self {
        let responses = responses.into_iter().map(|(path, bytes)| (path.into(), bytes));
        let responses: HashMap<String, Vec<u8>> = responses.collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let mut tasks = JoinSet::new();
        let seen = Arc::clone(&requests);
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    head.push(byte);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let none = response("404 Not Found", "", b"");
                let bytes = responses.get(&path).unwrap_or(&none);
                seen.lock().expect("no panic").push(head);
                // The client closes a connection when it has read enough.
                let _ = stream.write_all(bytes).await;
            }
        });
        Self { url, requests, _tasks: tasks }
    }

    fn address(&self, path: &str) -> Address {
        Address::parse(&format!("{}{path}", self.url)).expect("an address")
    }

    async fn download(&self, path: &str) -> Result<Download, Failure> {
        let limits = FetchLimits { max_bytes: 100_000, ..FetchLimits::default() };
        let web = Web::new(limits, true).expect("a client");
        web.download(&self.address(path)).within(60.secs()).await.expect("it ends")
    }

    async fn robots(&self) -> Result<Robots, Failure> {
        let web = Web::new(FetchLimits::default(), true).expect("a client");
        web.robots(&self.address("/robots.txt")).within(60.secs()).await.expect("it ends")
    }

    fn requests(&self) -> usize {
        self.requests.lock().expect("no panic").len()
    }
}

/// A response with its length. `headers` are complete lines.
fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A response that ends when the server closes the connection.
fn without_length(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn links(page: &Address, download: Result<Download, Failure>) -> Vec<String> {
    match download {
        Ok(Download::Page(body)) => {
            body.parse(page).links.iter().map(ToString::to_string).collect()
        }
        other => panic!("no page: {other:?}"),
    }
}

const HTML: &str = "content-type: text/html\r\n";

#[cfg(target_os = "linux")]
#[test]
fn a_failure_of_this_machine_is_distinguished_from_one_of_the_server() {
    let is_local = |code| {
        let error = anyhow::Error::from(io::Error::from_raw_os_error(code));
        let in_chain = error.context("dns error").context("client error");
        is_local(in_chain.as_ref())
    };
    for code in [12, 16, 23, 24, 100] {
        assert!(is_local(code), "{}", io::Error::from_raw_os_error(code));
    }
    // No route, no answer, and an address that cannot be reached from here.
    for code in [99, 101, 104, 110, 111, 113] {
        assert!(!is_local(code), "{}", io::Error::from_raw_os_error(code));
    }
}

#[tokio::test]
async fn the_client_asks_for_gzip_and_decodes_it() {
    let link = b"<a href=/x>";
    let twice = [gzip(b"<a hr"), gzip(b"ef=/x>")].concat();
    let followed_by = |more: &[u8]| [&gzip(link), more].concat();
    for (encoding, body) in [
        ("content-encoding: gzip\r\n", gzip(link)),
        ("Content-Encoding:  GZIP \r\n", gzip(link)),
        ("content-encoding: x-gzip\r\n", gzip(link)),
        ("content-encoding: gzip\r\n", twice),
        ("content-encoding: gzip, identity\r\n", gzip(link)),
        ("content-encoding: ,gzip,\r\n", gzip(link)),
        ("content-encoding: identity\r\ncontent-encoding: gzip\r\n", gzip(link)),
        // What follows is no gzip, or the header of one.
        ("content-encoding: gzip\r\n", followed_by(&[0; 16])),
        ("content-encoding: gzip\r\n", followed_by(b"x")),
        ("content-encoding: gzip\r\n", followed_by(&[b'x'; 50_000])),
        ("content-encoding: gzip\r\n", followed_by(&gzip(b"x")[..9])),
        ("content-encoding: gzip\r\n", followed_by(&gzip(b""))),
        ("content-encoding: identity\r\n", link.to_vec()),
        ("content-encoding:\r\n", link.to_vec()),
    ] {
        let page = response("200 OK", &format!("{HTML}{encoding}"), &body);
        let server = Server::start([("/", page)]).await;
        let found = links(&server.address("/"), server.download("/").await);
        assert_eq!(found, [format!("{}/x", server.url)], "{encoding}");
        let requests = server.requests.lock().expect("no panic");
        assert!(requests[0].contains("accept-encoding: gzip\r\n"), "{requests:?}");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_a_permanent_failure() {
    let mut cut_off = gzip(b"<a href=/x>");
    cut_off.truncate(cut_off.len() - 4);
    let mut wrong_sum = gzip(b"<a href=/x>");
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let second_cut_off = [gzip(b"<a href=/x>"), cut_off.clone()].concat();
    let mut second_damaged = [gzip(b"<a href=/x>"), gzip(&[b'x'; 100])].concat();
    let damaged = second_damaged.len() - 11;
    second_damaged[damaged] ^= 0xff;
    let wrong_and_more = [&wrong_sum[..], &[0; 9]].concat();
    for (encoding, body) in [
        ("br", b"\x0b".to_vec()),
        ("deflate, gzip", gzip(b"x")),
        ("gzip", b"<a href=/x>".to_vec()),
        ("gzip", cut_off),
        ("gzip", second_cut_off),
        ("gzip", second_damaged),
        ("gzip", wrong_sum),
        ("gzip", wrong_and_more),
        ("gzip, gzip", gzip(&gzip(b"<a href=/x>"))),
        ("none", b"<a href=/x>".to_vec()),
    ] {
        let headers = format!("{HTML}content-encoding: {encoding}\r\n");
        let server = Server::start([("/", response("200 OK", &headers, &body))]).await;
        let failure = server.download("/").await.expect_err(encoding);
        assert!(matches!(failure, Failure::Invalid(_)), "{encoding}: {failure:?}");
        assert!(!failure.is_transient(), "{encoding}");
    }
}

#[tokio::test]
async fn an_empty_body_is_a_page_whatever_its_encoding() {
    let headers = format!("{HTML}content-encoding: gzip\r\n");
    let server = Server::start([("/", response("200 OK", &headers, b""))]).await;
    assert_eq!(links(&server.address("/"), server.download("/").await), [""; 0]);
}

#[tokio::test]
async fn the_limit_counts_the_bytes_of_the_page() {
    let page = |bytes: usize| format!("<a>{}", " ".repeat(bytes - 3));
    let gz = format!("{HTML}content-encoding: gzip\r\n");
    for (bytes, fits) in [(100_000, true), (100_001, false), (5_000_000, false)] {
        let text = page(bytes);
        let server = Server::start([
            ("/length", response("200 OK", HTML, text.as_bytes())),
            ("/none", without_length(HTML, text.as_bytes())),
            ("/gzip", response("200 OK", &gz, &gzip(text.as_bytes()))),
        ])
        .await;
        for path in ["/length", "/none", "/gzip"] {
            let download = server.download(path).await.expect(path);
            match download {
                Download::Page(body) => assert!(fits && body.bytes.len() == bytes),
                other => {
                    assert!(!fits, "{path} {bytes}: {other:?}");
                    assert!(matches!(other, Download::Unwanted(Skip::TooLarge(100_000))));
                }
            }
        }
    }
}

#[tokio::test]
async fn only_in_xhtml_a_script_may_close_itself() {
    let page = b"<script src='x'/><a href='/x'/>";
    for (kind, found) in [("text/html", 0), ("application/xhtml+xml; charset=utf-8", 1)] {
        let headers = format!("content-type: {kind}\r\n");
        let server = Server::start([("/", response("200 OK", &headers, page))]).await;
        let links = links(&server.address("/"), server.download("/").await);
        assert_eq!(links.len(), found, "{kind}");
    }
}

#[tokio::test]
async fn a_query_is_sent_in_the_encoding_in_which_the_page_was_read() {
    let page = b"<a href='?q=\xe4\xf6'>";
    for (kind, query) in [
        ("text/html; charset=windows-1252", "%E4%F6"),
        ("text/html; charset=koi8-r", "%E4%F6"),
        ("application/xhtml+xml; charset=latin1", "%E4%F6"),
        ("text/html; charset=utf-8", "%EF%BF%BD%EF%BF%BD"),
        ("text/html", "%EF%BF%BD%EF%BF%BD"),
    ] {
        let headers = format!("content-type: {kind}\r\n");
        let server = Server::start([("/", response("200 OK", &headers, page))]).await;
        let found = links(&server.address("/"), server.download("/").await);
        assert_eq!(found, [format!("{}/?q={query}", server.url)], "{kind}");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_the_bytes_that_the_server_sent() {
    for (location, target) in [
        (&b"/caf\xc3\xa9"[..], "/caf%C3%A9"),
        (b"/caf\xe9", "/caf%E9"),
        (b"/caf%C3%A9?q=\xe2\x82\xac", "/caf%C3%A9?q=%E2%82%AC"),
        (b"caf\xc3\xa9#top", "/caf%C3%A9"),
    ] {
        let head = b"HTTP/1.1 301 Moved\r\ncontent-length: 0\r\nconnection: close\r\n";
        let moved = [head, &b"location: "[..], location, b"\r\n\r\n"].concat();
        let server = Server::start([("/", moved)]).await;
        match server.download("/").await {
            Ok(Download::Moved(to)) => {
                assert_eq!(to.as_str(), format!("{}{target}", server.url))
            }
            other => panic!("{}: {other:?}", location.escape_ascii()),
        }
    }
    let host = b"HTTP/1.1 301 Moved\r\nlocation: http://b\xc3\xbccher.example/\r\n\r\n";
    let server = Server::start([("/", host.to_vec())]).await;
    match server.download("/").await {
        Ok(Download::Moved(to)) => {
            assert_eq!(to.as_str(), "http://xn--bcher-kva.example/");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn retry_after_is_a_date_or_a_number_of_any_size_and_at_most_a_minute() {
    for (value, pause) in [
        ("5", Some(5)),
        ("99999999999999999999", Some(60)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(60)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("+5", None),
        ("soon", None),
    ] {
        let busy = response("503 Busy", &format!("retry-after: {value}\r\n"), b"");
        let server = Server::start([("/", busy)]).await;
        let failure = server.download("/").await.expect_err("it is busy");
        assert_eq!(failure.retry_after(), pause.map(Duration::from_secs), "{value}");
    }
}

const RULES: &[u8] = b"User-agent: *\nDisallow: /shut\n";

fn is_obeyed(server: &Server, robots: Result<Robots, Failure>) -> bool {
    let robots = robots.expect("rules");
    robots.allows(&server.address("/open")) && !robots.allows(&server.address("/shut"))
}

#[tokio::test]
async fn the_rules_are_read_however_they_are_sent() {
    let gz = "content-encoding: gzip\r\n";
    for bytes in [
        response("200 OK", "", RULES),
        without_length("", RULES),
        response("200 OK", gz, &gzip(RULES)),
        without_length(gz, &gzip(RULES)),
        response("200 OK", "content-type: text/html\r\n", RULES),
        response("200 OK", "", &[b"\xef\xbb\xbf", RULES].concat()),
    ] {
        let name = bytes.escape_ascii().to_string();
        let server = Server::start([("/robots.txt", bytes)]).await;
        assert!(is_obeyed(&server, server.robots().await), "{name}");
    }
}

#[tokio::test]
async fn of_a_large_file_the_complete_lines_of_the_first_512_kibibytes_are_read() {
    const READ: usize = 512 * 1024;
    let fill = |bytes: usize, end: &str| {
        let mut text = String::from_utf8_lossy(RULES).into_owned();
        let comment = bytes - text.len() - end.len() - 2;
        text += &format!("#{}\n{end}", "-".repeat(comment));
        assert_eq!(text.len(), bytes);
        text
    };
    // `/open` is the last line: it ends where the limit is, or it is cut after the first slash.
    let within = fill(READ, "Allow: /open\n") + "Disallow: /\n";
    let cut_off = fill(READ, "Disallow: /") + "other\n";
    let beyond = fill(READ, "") + "Disallow: /\n";
    for text in [within, cut_off, beyond] {
        let gz = "content-encoding: gzip\r\n";
        for bytes in [
            response("200 OK", "", text.as_bytes()),
            without_length("", text.as_bytes()),
            response("200 OK", gz, &gzip(text.as_bytes())),
        ] {
            let server = Server::start([("/robots.txt", bytes)]).await;
            let end = &text[READ - 12..];
            assert!(is_obeyed(&server, server.robots().await), "{end:?}");
        }
    }
    // RFC 9309 demands 500 KiB: this rule ends there, and its line does not.
    let comment = "-".repeat(500 * 1024 - RULES.len() + 1 - 2);
    let rules = String::from_utf8_lossy(RULES);
    let last = format!("#{comment}\n{rules}");
    assert_eq!(last.trim_end().len(), 500 * 1024);
    let rest = "#".repeat(100_000);
    let bytes = response("200 OK", "", format!("{last}{rest}").as_bytes());
    let server = Server::start([("/robots.txt", bytes)]).await;
    assert!(is_obeyed(&server, server.robots().await));
    let one_line = "x".repeat(READ) + "\nUser-agent: *\nDisallow: /\n";
    let bytes = response("200 OK", "", one_line.as_bytes());
    let server = Server::start([("/robots.txt", bytes)]).await;
    assert_eq!(server.robots().await, Ok(Robots::allow_all()));
}

#[tokio::test]
async fn five_redirects_lead_to_the_rules_and_a_sixth_is_a_permanent_failure() {
    for (redirects, found) in [(1, true), (5, true), (6, false)] {
        let path = |n| if n == 0 { "/robots.txt".into() } else { format!("/{n}") };
        let moved = |n| {
            let headers = format!("location: {}\r\n", path(n + 1));
            (path(n), response("302 Found", &headers, b""))
        };
        let mut responses: Vec<_> = (0..redirects).map(moved).collect();
        responses.push((path(redirects), response("200 OK", "", RULES)));
        let server = Server::start(responses).await;
        let robots = server.robots().await;
        if found {
            assert!(is_obeyed(&server, robots), "{redirects}");
        } else {
            assert!(matches!(robots, Err(Failure::Invalid(_))), "{robots:?}");
        }
        assert_eq!(server.requests(), redirects.min(5) + 1, "{redirects}");
    }
}

#[tokio::test]
async fn rules_that_cannot_be_decoded_are_a_permanent_failure() {
    let bytes = response("200 OK", "content-encoding: br\r\n", RULES);
    let server = Server::start([("/robots.txt", bytes)]).await;
    let failure = server.robots().await.expect_err("unknown rules");
    assert!(matches!(failure, Failure::Invalid(_)), "{failure:?}");
    assert!(!failure.is_transient(), "another attempt would not help");
}
