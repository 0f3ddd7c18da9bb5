//! Over HTTP, three limits end three kinds of waiting, and each is known by its name.
//!
//! asyncio: `aiohttp.ClientTimeout(sock_connect=…, sock_read=…, total=…)`, with a total of five
//! minutes if nobody says otherwise. reqwest: `connect_timeout`, `read_timeout` and `timeout`,
//! and **none** by default: a server that stalls is waited for, for ever. Its error tells a
//! connect limit from the others, but not a read limit from a total one. So the total is a
//! limit of our own around the whole of it, with its own type. What fails without any limit has
//! names of its own too: above all an answer that says no, which is no failure of the connection.

use std::{future::pending, time::Duration};

use async_kit::{
    Lane, Millis, TimeLimit, TimedOut, knob,
    lab::{ClosedPort, Lab},
    say,
    stage::chapter,
};
use reqwest::{
    Client, StatusCode,
    dns::{Name, Resolve, Resolving},
};

pub(crate) fn knobs() -> Limits {
    Limits {
        connect: knob("connect", 100.ms(), 10.ms()..=1.secs()),
        read: knob("read", 150.ms(), 10.ms()..=1.secs()),
        total: knob("total", 400.ms(), 10.ms()..=4.secs()),
    }
}

/// Eight requests at once: two are answered well, each other one meets its own trouble.
pub(crate) async fn run(limits: Limits) -> anyhow::Result<()> {
    let (server, closed) = (Lab::or_url(chapter::url()).await?, ClosedPort::bind()?);
    let asked = [
        ("answers", limits.client()?, server.url("/json")),
        ("name server", limits.client_without_names()?, "http://lab.invalid/".into()),
        ("nobody", limits.client()?, closed.url("/")),
        ("stalls", limits.client()?, server.url("/stall")),
        ("drips", limits.client()?, server.url("/drip?chunks=5&every=60")),
        ("drips on", limits.client()?, server.url("/drip?chunks=50&every=60")),
        ("breaks off", limits.client()?, server.url("/reset")),
        ("says no", limits.client()?, server.url("/status/503")),
    ];
    let asked = asked.map(|(name, client, url)| {
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
    for asked in asked {
        // Each failure was said, and is what this section shows.
        let _ = asked.await?;
    }
    Ok(())
}

// ANCHOR: over_http
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    connect: Duration,
    // Counted from the request on: shorter than `connect`, it would fire in its place.
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
    #[error("no connection in time")]
    Connect(#[source] reqwest::Error),
    #[error("nothing came in time")]
    Read(#[source] reqwest::Error),
    #[error("it went on for too long")]
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
    /// A client whose name server never answers: to look up a name is a part of connecting.
    fn client_without_names(self) -> reqwest::Result<Client> {
        let client = Client::builder().no_proxy().dns_resolver(SilentNames);
        client.connect_timeout(self.connect).read_timeout(self.read).build()
    }
}

struct SilentNames;

impl Resolve for SilentNames {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(pending())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Far beyond what any machine needs: the limits that a test does not want to pass.
    const PLENTY: Duration = Duration::from_secs(60);
    const PATIENT: Limits = Limits { connect: PLENTY, read: PLENTY, total: PLENTY };

    async fn fetched(limits: Limits, path: &str) -> Result<String, Failure> {
        let lab = Lab::start().await.expect("the lab starts");
        let client = limits.client().expect("a client");
        fetch(&client, &lab.url(path), limits.total).await
    }

    #[tokio::test]
    async fn a_name_that_nobody_looks_up_passes_the_connect_limit() {
        let limits = Limits { connect: 10.ms(), ..PATIENT };
        let client = limits.client_without_names().expect("a client");
        let answer = fetch(&client, "http://lab.invalid/", limits.total).await;
        assert!(matches!(answer, Err(Failure::Connect(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_server_that_stalls_passes_the_read_limit() {
        let answer = fetched(Limits { read: 50.ms(), ..PATIENT }, "/stall").await;
        assert!(matches!(answer, Err(Failure::Read(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_passes_the_read_limit_too() {
        let limits = Limits { read: 50.ms(), ..PATIENT };
        let answer = fetched(limits, "/drip?chunks=2&every=60000").await;
        assert!(matches!(answer, Err(Failure::Read(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn each_chunk_renews_the_read_limit() {
        let limits = Limits { read: 1.secs(), ..PATIENT };
        let text = fetched(limits, "/drip?chunks=60&every=20").await;
        let text = text.expect("1.2 s in all, and never 1 s of silence");
        assert_eq!(text.lines().count(), 60);
    }

    #[tokio::test]
    async fn an_answer_that_never_ends_passes_the_total_limit_only() {
        let limits = Limits { total: 100.ms(), ..PATIENT };
        let answer = fetched(limits, "/drip?chunks=1000&every=10").await;
        assert!(matches!(answer, Err(Failure::Total(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn an_answer_that_says_no_is_no_broken_connection() {
        for status in [404, 500, 503] {
            let answer = fetched(PATIENT, &format!("/status/{status}")).await;
            let Err(Failure::Status(told)) = &answer else { panic!("{answer:?}") };
            assert_eq!(*told, status);
        }
    }

    #[tokio::test]
    async fn a_port_that_nobody_listens_on_is_no_broken_connection() {
        let closed = ClosedPort::bind().expect("a free port");
        let client = PATIENT.client().expect("a client");
        let answer = fetch(&client, &closed.url("/"), PATIENT.total).await;
        assert!(matches!(answer, Err(Failure::Unreachable(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_broken_connection_is_no_timeout() {
        let answer = fetched(PATIENT, "/reset").await;
        assert!(matches!(answer, Err(Failure::Broken(_))), "{answer:?}");
    }
}
