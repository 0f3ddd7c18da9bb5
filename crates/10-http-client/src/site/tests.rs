//! TLS checks certificates: a server with a self-signed certificate is refused unless it is trusted.

use std::sync::Arc;

use rcgen::generate_simple_self_signed;
use reqwest::{Certificate, Client};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer},
};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::resolver::{CachingResolver, LoopbackLookup};

/// Answers `hello` to clients that trust its certificate, which is for `shop.example`.
struct Shop {
    url: String,
    certificate: Certificate,
    _server: AbortOnDropHandle<()>,
}

impl Shop {
    async fn open() -> anyhow::Result<Self> {
        let made = generate_simple_self_signed(["shop.example".to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls =
            ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key.into())?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://shop.example:{}/", listener.local_addr()?.port());
        let server = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(tls))));
        let certificate = Certificate::from_der(made.cert.der())?;
        Ok(Self { url, certificate, _server: AbortOnDropHandle::new(server) })
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client that does not trust the certificate closes the connection here.
        let Ok(mut stream) = tls.accept(stream).await else { continue };
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let answer =
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused_at_the_first_attempt() {
    let shop = Shop::open().await.expect("a server");
    let fetcher =
        Fetcher::with_lookup(Config::default(), LoopbackLookup::default()).unwrap();
    let error = front_page(&fetcher, &shop.url).await.expect_err("not trusted");
    let text = format!("{error:#}");
    assert!(text.starts_with(&format!("cannot fetch {}", shop.url)), "{text}");
    assert!(text.contains("attempt 1 failed permanently: no connection"), "{text}");
    assert!(text.contains("certificate"), "{text}");
}

#[tokio::test]
async fn a_self_signed_certificate_is_accepted_once_it_is_trusted() {
    let shop = Shop::open().await.expect("a server");
    let resolver =
        CachingResolver::new(std::time::Duration::ZERO, LoopbackLookup::default());
    let client = Client::builder().no_proxy().dns_resolver(resolver);
    let client = client.tls_certs_merge([shop.certificate.clone()]).build().unwrap();
    let answer = client.get(&shop.url).send().await.expect("a connection");
    assert_eq!(answer.text().await.expect("a body"), "hello");
}

/// A refused connection gives the same error as a machine that is offline.
#[tokio::test]
async fn an_unreachable_site_is_an_error_with_its_url_and_its_cause() {
    let config = Config { retry_delay: std::time::Duration::ZERO, ..Config::default() };
    let fetcher = Fetcher::new(config).expect("valid settings");
    let gone = Lab::start().await.expect("a free port").url("/");
    let error = front_page(&fetcher, &gone).await.expect_err("the port is closed");
    let text = format!("{error:#}");
    assert!(text.starts_with(&format!(
        "cannot fetch {gone}: are the server and this machine online?"
    )));
    assert!(text.contains("refused"), "{text}");
}

#[tokio::test]
async fn text_that_is_not_a_url_is_an_error() {
    let fetcher = Fetcher::new(Config::default()).expect("valid settings");
    let error = front_page(&fetcher, "https://").await.expect_err("no host");
    assert!(error.to_string().contains("is not a valid URL"), "{error:#}");
}

#[test]
fn a_page_without_a_title_has_an_empty_one() {
    assert_eq!(title("<html><title> The lab </title></html>"), "The lab");
    assert_eq!(title("<html><h1>none</h1></html>"), "");
}
