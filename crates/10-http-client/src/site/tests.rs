//! TLS is there and checks certificates, as a server with one of its own making shows.

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
use crate::lookups::{Loopback, Remembers};

/// Says `hello` to everybody who trusts its certificate, which is for `shop.example`.
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
        // A client that trusts nobody hangs up here, and the next one is served.
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
async fn a_certificate_that_nobody_vouches_for_is_refused_at_once() {
    let shop = Shop::open().await.expect("a server");
    let fetcher = Fetcher::with_names(Config::default(), Loopback::default()).unwrap();
    let error = front_page(&fetcher, &shop.url).await.expect_err("nobody knows it");
    let told = format!("{error:#}");
    assert!(told.starts_with(&format!("cannot fetch {}", shop.url)), "{told}");
    assert!(told.contains("attempt 1 failed for good: no connection"), "{told}");
    assert!(told.contains("certificate"), "{told}");
}

#[tokio::test]
async fn a_certificate_that_you_trust_is_enough_for_tls() {
    let shop = Shop::open().await.expect("a server");
    let names = Remembers::new(std::time::Duration::ZERO, Loopback::default());
    let client = Client::builder().no_proxy().dns_resolver(names);
    let client = client.tls_certs_merge([shop.certificate.clone()]).build().unwrap();
    let answer = client.get(&shop.url).send().await.expect("a connection");
    assert_eq!(answer.text().await.expect("a body"), "hello");
}

/// Offline, every name has this end.
#[tokio::test]
async fn a_site_that_is_not_there_is_told_with_its_address_and_the_cause() {
    let config = Config { retry_delay: std::time::Duration::ZERO, ..Config::default() };
    let fetcher = Fetcher::new(config).expect("valid settings");
    let gone = Lab::start().await.expect("a free port").url("/");
    let error = front_page(&fetcher, &gone).await.expect_err("nobody listens");
    let told = format!("{error:#}");
    assert!(told.starts_with(&format!("cannot fetch {gone}: is it online, are you?")));
    assert!(told.contains("refused"), "{told}");
}

#[tokio::test]
async fn what_is_no_address_is_called_so() {
    let fetcher = Fetcher::new(Config::default()).expect("valid settings");
    let error = front_page(&fetcher, "https://").await.expect_err("no host");
    assert!(error.to_string().contains("is no address"), "{error:#}");
}

#[test]
fn a_page_without_a_title_has_an_empty_one() {
    assert_eq!(title("<html><title> The lab </title></html>"), "The lab");
    assert_eq!(title("<html><h1>none</h1></html>"), "");
}
