//! A page is asked for within limits of time and size, and read on a thread that may block.

mod content;

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use async_kit::{Backoff, Retry};
use encoding_rs::Encoding;
use reqwest::{
    Client, Response, StatusCode,
    header::{LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use tokio::task::spawn_blocking;

use self::content::{charset, not_html, text};
use crate::{
    Address, Robots, Rules,
    engine::Fetch,
    fate::{Answer, Failure, Fetched, Skip},
    parse::parse,
    store::Store,
};

/// What RFC 9309 asks a crawler to read of a `robots.txt` at least; this one reads no more.
const ROBOTS_BYTES: u64 = 500 * 1024;

/// The name that a `robots.txt` calls this crawler by.
pub const AGENT: &str = "async-kit-crawler";

/// How long and how much of an answer to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a whole answer. Default: 10 s.
    pub timeout: Duration,
    /// The most bytes of a page. Default: 5,000,000.
    pub max_bytes: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), max_bytes: 5_000_000 }
    }
}

/// The web, asked over HTTP.
#[derive(Clone, Debug)]
pub struct Web {
    client: Client,
    patience: Patience,
    backoff: Duration,
    store: Option<Arc<Store>>,
}

impl Web {
    /// A client that keeps pages in `store`, if there is one. `direct` goes past any proxy, as a
    /// server on this machine wants.
    ///
    /// # Errors
    ///
    /// If the system has no certificates to trust.
    pub fn new(
        patience: Patience,
        store: Option<Store>,
        direct: bool,
    ) -> reqwest::Result<Self> {
        let client = Client::builder()
            .user_agent(format!("{AGENT}/{}", env!("CARGO_PKG_VERSION")))
            .timeout(patience.timeout)
            .redirect(Policy::none());
        let client = if direct { client.no_proxy() } else { client };
        let (client, store) = (client.build()?, store.map(Arc::new));
        Ok(Self { client, patience, backoff: Rules::default().backoff, store })
    }

    /// Waits so long before it asks again for a `robots.txt`, and then twice as long each time.
    /// Default: 200 ms, as in [`Rules::backoff`].
    #[must_use]
    pub fn with_backoff(self, backoff: Duration) -> Self {
        Self { backoff, ..self }
    }

    async fn get(&self, address: &Address) -> Result<Response, Failure> {
        self.client.get(address.url().clone()).send().await.map_err(failure)
    }

    // ANCHOR: keep
    /// Reads and saves a page. Both take their time, so one thread that may block does both.
    async fn keep(
        &self,
        address: &Address,
        body: Vec<u8>,
        encoding: Option<&'static Encoding>,
    ) -> Result<Answer, Failure> {
        let (address, store) = (address.clone(), self.store.clone());
        let kept = spawn_blocking(move || -> anyhow::Result<_> {
            let parsed = parse(&address, &text(&body, encoding));
            let file = store.map(|store| store.save(&address, &body));
            let file = file.transpose().context("cannot write its file")?;
            let bytes = body.len() as u64;
            Ok(Answer::Page(Fetched { title: parsed.title, bytes, file }, parsed.links))
        });
        // A page that makes the parser panic fails alone.
        let kept = kept.await.map_err(anyhow::Error::from).flatten();
        kept.map_err(|error| Failure::Lost(format!("{error:#}")))
    }
    // ANCHOR_END: keep

    async fn rules(&self, address: &Address) -> Result<Robots, Failure> {
        let mut at = address.clone();
        for _ in 0..5 {
            let answer = self.get(&at).await?;
            let status = answer.status();
            match moved(&at, &answer) {
                Some(to) => at = to,
                None if status.is_success() => {
                    let text = body(answer, ROBOTS_BYTES).await?.bytes;
                    return Ok(Robots::parse(&String::from_utf8_lossy(&text), AGENT));
                }
                None if is_absent(status) => return Ok(Robots::allow_all()),
                None => return Err(status_failure(&answer)),
            }
        }
        Err(Failure::Broken("redirected more than 5 times".into()))
    }
}

impl Fetch for Web {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        let retry = Retry::new(Backoff::exponential(self.backoff));
        let retry = retry.when(Failure::is_transient);
        let rules = retry.run(|| self.rules(address)).await;
        rules.map_err(|error| Failure::Robots(chain(error)))
    }

    // ANCHOR: page
    async fn page(&self, address: &Address) -> Result<Answer, Failure> {
        let answer = self.get(address).await?;
        if let Some(to) = moved(address, &answer) {
            return Ok(Answer::Moved(to));
        }
        if !answer.status().is_success() {
            return Err(status_failure(&answer));
        }
        if let Some(other) = not_html(answer.headers()) {
            return Ok(Answer::Unwanted(Skip::NotHtml(other)));
        }
        let encoding = charset(answer.headers());
        match body(answer, self.patience.max_bytes).await? {
            Body { cut: true, .. } => {
                Ok(Answer::Unwanted(Skip::TooLarge(self.patience.max_bytes)))
            }
            Body { bytes, .. } => self.keep(address, bytes, encoding).await,
        }
    }
    // ANCHOR_END: page
}

/// What arrived of a body.
struct Body {
    bytes: Vec<u8>,
    /// Whether there was more than the limit allows.
    cut: bool,
}

// ANCHOR: body
async fn body(mut answer: Response, limit: u64) -> Result<Body, Failure> {
    // What a server says of the length saves a download; it need not be true, nor be said.
    let length = answer.content_length().unwrap_or_default();
    let mut cut = length > limit;
    let mut bytes = Vec::with_capacity(length.min(limit) as usize);
    while !cut && let Some(chunk) = answer.chunk().await.map_err(failure)? {
        let room = limit - bytes.len() as u64;
        cut = chunk.len() as u64 > room;
        bytes.extend_from_slice(&chunk[..chunk.len().min(room as usize)]);
    }
    Ok(Body { bytes, cut })
}
// ANCHOR_END: body

/// Where the page stands instead. The base of the address is the one that answered.
fn moved(from: &Address, answer: &Response) -> Option<Address> {
    if !answer.status().is_redirection() {
        return None;
    }
    from.join(answer.headers().get(LOCATION)?.to_str().ok()?)
}

/// A site without rules. 429 speaks of the moment, not of the rules.
fn is_absent(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS
}

fn status_failure(answer: &Response) -> Failure {
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = asked.and_then(|value| value.parse().ok()).map(Duration::from_secs);
    Failure::Status { status: answer.status().as_u16(), retry_after }
}

fn failure(error: reqwest::Error) -> Failure {
    // The address stands beside the failure already.
    let error = error.without_url();
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => Failure::TimedOut(chain(error)),
        (_, true) => Failure::Connect(chain(error)),
        _ => Failure::Broken(chain(error)),
    }
}

/// With its causes, since the last one is often the one that helps.
fn chain(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}
