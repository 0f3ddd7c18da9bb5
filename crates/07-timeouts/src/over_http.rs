//! Over HTTP, connect, read and total timeouts limit three different waits, and are three errors.
//!
//! asyncio: `aiohttp.ClientTimeout(sock_connect=…, sock_read=…, total=…)`, with a total of five
//! minutes by default. reqwest: `connect_timeout`, `read_timeout` and `timeout`, and **none** by
//! default: a request to a server that stalls never returns. Its error distinguishes a connect
//! timeout from the others, but not a read timeout from a total one. So the total here
//! is a separate timeout around the whole request, with its own type. Failures without a timeout have
//! their own names too. An error status is an answer, and not a failure of the connection.

#![cfg(not(target_family = "wasm"))]

use std::{future::pending, time::Duration};

use async_kit::{
    Lane, Millis, TimeLimit, TimedOut, ask, knob,
    lab::{ClosedPort, Lab},
    say,
    stage::chapter,
};
use reqwest::{
    Client, StatusCode,
    dns::{Name, Resolve, Resolving},
};

pub(crate) fn knobs() -> Limits {
    let limits = Limits {
        connect: knob("connect", 100.ms(), 10.ms()..=1.secs()),
        read: knob("read", 150.ms(), 10.ms()..=1.secs()),
        total: knob("total", 400.ms(), 10.ms()..=4.secs()),
    };
    ask("total=200ms", "for which requests does the total timeout expire?");
    limits
}

/// Eight concurrent requests: two succeed, and each of the others has a different error.
pub(crate) async fn run(limits: Limits) -> anyhow::Result<()> {
    let (server, closed) = (Lab::or_url(chapter::url()).await?, ClosedPort::bind()?);
    let requests = [
        ("answers", limits.client()?, server.url("/json")),
        ("no DNS answer", limits.client_with_silent_dns()?, "http://lab.invalid/".into()),
        ("closed port", limits.client()?, closed.url("/")),
        ("stalls", limits.client()?, server.url("/stall")),
        ("drips", limits.client()?, server.url("/drip?chunks=5&every=60")),
        ("drips forever", limits.client()?, server.url("/drip?chunks=50&every=60")),
        ("resets", limits.client()?, server.url("/reset")),
        ("refuses", limits.client()?, server.url("/status/503")),
    ];
    let tasks = requests.map(|(name, client, url)| {
        let answer = async move {
            let answer = fetch(&client, &url, limits.total).await;
            match &answer {
                Ok(text) => say!("{} bytes", text.len()),
                Err(failure) => say!("{failure}"),
            }
            answer
        };
        tokio::spawn(answer.try_lane(name))
    });
    for task in tasks {
        // Ignore the error: it has been printed, and the section continues.
        let _ = task.await?;
    }
    Ok(())
}

// ANCHOR: over_http
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    connect: Duration,
    // reqwest starts the read timeout together with the request, so a read timeout shorter than
    // `connect` expires before the connect timeout.
    read: Duration,
    total: Duration,
}

impl Limits {
    fn client(self) -> reqwest::Result<Client> {
        let client = Client::builder().no_proxy();
        client.connect_timeout(self.connect).read_timeout(self.read).build()
    }
}

async fn fetch(client: &Client, url: &str, total: Duration) -> Result<String, Failure> {
    let text = async {
        let answer = client.get(url).send().await?.error_for_status()?;
        answer.text().step("reading the body").await
    };
    Ok(text.within(total).await??)
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no connection before the connect timeout")]
    Connect(#[source] reqwest::Error),
    #[error("no data before the read timeout")]
    Read(#[source] reqwest::Error),
    #[error("not complete before the total timeout")]
    Total(#[from] TimedOut),
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("the server cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if let Some(status) = error.status() {
            return Self::Status(status);
        }
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => Self::Connect(error),
            (true, false) => Self::Read(error),
            (false, true) => Self::Unreachable(error),
            (false, false) => Self::Broken(error),
        }
    }
}
// ANCHOR_END: over_http

impl Limits {
    /// Its DNS resolver never answers. Resolving a name is part of connecting.
    fn client_with_silent_dns(self) -> reqwest::Result<Client> {
        let client = Client::builder().no_proxy().dns_resolver(SilentResolver);
        client.connect_timeout(self.connect).read_timeout(self.read).build()
    }
}

struct SilentResolver;

impl Resolve for SilentResolver {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(pending())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Much longer than any machine needs, for the timeouts that must not expire in a test.
    const TEST_LIMIT: Duration = Duration::from_secs(60);
    const NO_TIMEOUT: Limits =
        Limits { connect: TEST_LIMIT, read: TEST_LIMIT, total: TEST_LIMIT };

    async fn fetched(limits: Limits, path: &str) -> Result<String, Failure> {
        let lab = Lab::start().await.expect("the lab starts");
        let client = limits.client().expect("a client");
        fetch(&client, &lab.url(path), limits.total).await
    }

    #[tokio::test]
    async fn at_a_name_that_is_never_resolved_the_connect_timeout_expires() {
        let limits = Limits { connect: 10.ms(), ..NO_TIMEOUT };
        let client = limits.client_with_silent_dns().expect("a client");
        let answer = fetch(&client, "http://lab.invalid/", limits.total).await;
        assert!(matches!(answer, Err(Failure::Connect(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn at_a_server_that_stalls_the_read_timeout_expires() {
        let answer = fetched(Limits { read: 50.ms(), ..NO_TIMEOUT }, "/stall").await;
        assert!(matches!(answer, Err(Failure::Read(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn at_a_body_that_stops_the_read_timeout_expires_too() {
        let limits = Limits { read: 50.ms(), ..NO_TIMEOUT };
        let answer = fetched(limits, "/drip?chunks=2&every=60000").await;
        assert!(matches!(answer, Err(Failure::Read(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn each_chunk_resets_the_read_timeout() {
        let limits = Limits { read: 1.secs(), ..NO_TIMEOUT };
        let text = fetched(limits, "/drip?chunks=60&every=20").await;
        let text = text.expect("1.2 s in total, and never 1 s without data");
        assert_eq!(text.lines().count(), 60);
    }

    #[tokio::test]
    async fn at_an_answer_that_never_ends_only_the_total_timeout_expires() {
        let limits = Limits { total: 100.ms(), ..NO_TIMEOUT };
        let answer = fetched(limits, "/drip?chunks=1000&every=10").await;
        assert!(matches!(answer, Err(Failure::Total(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn an_error_status_is_not_a_broken_connection() {
        for status in [404, 500, 503] {
            let answer = fetched(NO_TIMEOUT, &format!("/status/{status}")).await;
            let Err(Failure::Status(returned)) = &answer else { panic!("{answer:?}") };
            assert_eq!(*returned, status);
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_not_a_broken_connection() {
        let closed = ClosedPort::bind().expect("a free port");
        let client = NO_TIMEOUT.client().expect("a client");
        let answer = fetch(&client, &closed.url("/"), NO_TIMEOUT.total).await;
        assert!(matches!(answer, Err(Failure::Unreachable(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_broken_connection_is_not_a_timeout() {
        let answer = fetched(NO_TIMEOUT, "/reset").await;
        assert!(matches!(answer, Err(Failure::Broken(_))), "{answer:?}");
    }
}
