//! A server receives the path and the query that the link says.

use async_kit::{Millis, TimeLimit};
use crawler::{Address, FetchLimits, Fetcher, Web, engine::Fetch};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// Accepts one request, and returns its first line.
async fn request_line(server: &TcpListener) -> std::io::Result<String> {
    let (connection, _) = server.accept().await?;
    let mut connection = BufReader::new(connection);
    let (mut first, mut line) = (String::new(), String::new());
    connection.read_line(&mut first).await?;
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).await?;
    }
    let missing =
        b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    connection.write_all(missing).await?;
    Ok(first)
}

#[tokio::test]
async fn no_escape_of_a_link_is_changed_on_its_way_to_the_server() {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let start =
        format!("http://{}/docs/a.html", server.local_addr().expect("its address"));
    let page = Address::parse(&start).expect("an address");
    let fetcher =
        Fetcher::new(Web::new(FetchLimits::default(), true).expect("a client"), None);
    for (link, target) in [
        ("b.html#top", "/docs/b.html"),
        ("/%7eada", "/%7eada"),
        ("/~ada", "/~ada"),
        ("/%%37e", "/%%37e"),
        ("/%2f%2F", "/%2f%2F"),
        ("/100%", "/100%"),
        ("?%+1", "/docs/a.html?%+1"),
        ("?", "/docs/a.html?"),
        ("?`{}|[]^\\", "/docs/a.html?`{}|[]^\\"),
        ("/'|[]!$&()*+,;=:@", "/'|[]!$&()*+,;=:@"),
        ("/caf\u{e9} \"x\"", "/caf%C3%A9%20%22x%22"),
    ] {
        let address = page.join(link).expect("an address");
        let exchange =
            async { tokio::join!(fetcher.page(&address), request_line(&server)) };
        let (response, line) =
            exchange.within(10.secs()).await.expect("a request arrives");
        assert!(response.is_err(), "{link}: {response:?}");
        assert_eq!(
            line.expect("a request"),
            format!("GET {target} HTTP/1.1\r\n"),
            "{link}"
        );
    }
}
