//! Every test of the lab asks a lab of its own, and gives up in time.

use std::{fmt::Debug, time::Duration};

use async_kit::lab::Lab;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

/// A lab, and a client that no proxy of the environment gets in the way of.
pub(crate) struct Visit {
    pub(crate) lab: Lab,
    pub(crate) client: Client,
}

impl Visit {
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
        sent(self.get(path)).await.status().as_u16()
    }

    pub(crate) async fn text_of(&self, path: &str) -> String {
        in_time(sent(self.get(path)).await.text()).await.expect("a whole body")
    }

    pub(crate) async fn json_of(&self, path: &str) -> Value {
        json(sent(self.get(path)).await).await
    }
}

pub(crate) fn client() -> Client {
    // Redirects are looked at, not followed: the tests count requests.
    let plain = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    plain.build().expect("a client without TLS needs nothing")
}

/// A bare connection, for what an HTTP client would not show.
pub(crate) async fn connection_to(lab: &Lab) -> TcpStream {
    in_time(TcpStream::connect(address_of(lab))).await.expect("a connection")
}

pub(crate) fn address_of(lab: &Lab) -> String {
    lab.url("").trim_start_matches("http://").trim_end_matches('/').to_owned()
}

pub(crate) async fn sent(request: RequestBuilder) -> Response {
    in_time(request.send()).await.expect("an answer")
}

pub(crate) async fn json(answer: Response) -> Value {
    in_time(answer.json()).await.expect("JSON")
}

/// A generous bound: it ends a test that hangs and decides nothing else.
pub(crate) async fn in_time<F: Future<Output: Debug>>(future: F) -> F::Output {
    timeout(Duration::from_secs(30), future).await.expect("within 30 seconds")
}
