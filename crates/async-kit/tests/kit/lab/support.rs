//! Every test of the lab has its own lab, and every wait of it ends within 30 seconds.

use std::{fmt::Debug, time::Duration};

use async_kit::lab::Lab;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

/// A lab, and a client that ignores the proxy settings of the environment.
pub(crate) struct Fixture {
    pub(crate) lab: Lab,
    pub(crate) client: Client,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let lab = Lab::start().await.expect("a free port");
        Self { lab, client: client() }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.lab.url(path))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.lab.url(path))
    }

    pub(crate) async fn status_of(&self, path: &str) -> u16 {
        send(self.get(path)).await.status().as_u16()
    }

    pub(crate) async fn text_of(&self, path: &str) -> String {
        in_time(send(self.get(path)).await.text()).await.expect("a whole body")
    }

    pub(crate) async fn json_of(&self, path: &str) -> Value {
        json(send(self.get(path)).await).await
    }
}

pub(crate) fn client() -> Client {
    // Redirects are not followed, because the tests check each one and count requests.
    let plain = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    plain.build().expect("a client without TLS needs nothing")
}

/// A TCP connection, for bytes that an HTTP client would not send or show.
pub(crate) async fn connect(lab: &Lab) -> TcpStream {
    in_time(TcpStream::connect(address_of(lab))).await.expect("a connection")
}

pub(crate) fn address_of(lab: &Lab) -> String {
    lab.url("").trim_start_matches("http://").trim_end_matches('/').to_owned()
}

pub(crate) async fn send(request: RequestBuilder) -> Response {
    in_time(request.send()).await.expect("a response")
}

pub(crate) async fn json(response: Response) -> Value {
    in_time(response.json()).await.expect("JSON")
}

/// The limit is generous: it only ends a test that hangs.
pub(crate) async fn in_time<F: Future<Output: Debug>>(future: F) -> F::Output {
    timeout(Duration::from_secs(30), future).await.expect("within 30 seconds")
}
