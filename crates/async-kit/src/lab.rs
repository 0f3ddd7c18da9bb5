//! A loopback HTTP server that can fail, stall and drop connections, and counts what it saw.
//!
//! Sections that speak HTTP talk to it, so they need no network, and a test can say "never
//! more than ten at once". It listens on `127.0.0.1` only, on a port that the system picks.

mod base;
mod batch;
mod bounded;
mod charges;
mod content;
mod echo;
mod flaky;
mod refusal;
mod routes;
mod server;
mod site;
mod stats;
mod ticker;
mod trouble;
mod users;

use std::{error::Error, fmt, io};

use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use self::stats::Counters;
pub use self::{base::Base, routes::Route, stats::Stats};

/// A running lab.
///
/// Answers to the `aiohttp.test_utils.TestServer` of an asyncio test suite; Tokio itself has
/// no HTTP. Any number of labs may run at once, each on a port of its own and with counts of
/// its own. [`routes`](Self::routes) lists what it answers.
///
/// # Examples
///
/// ```
/// use async_kit::lab::Lab;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lab = Lab::start().await?;
/// let client = reqwest::Client::builder().no_proxy().build()?;
/// let answer = client.get(lab.url("/status/404")).send().await?;
/// assert_eq!(answer.status(), 404);
/// assert_eq!(lab.stats().requests, 1);
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping the lab stops it: its port and every connection are closed"]
#[derive(Debug)]
pub struct Lab {
    base: String,
    routes: Vec<Route>,
    counters: Counters,
    _server: AbortOnDropHandle<()>,
}

/// Why there is no server to talk to.
#[derive(Debug)]
pub enum LabError {
    /// The system gave no port.
    Listen(io::Error),
    /// The base given instead of a lab is no HTTP address.
    Base(String),
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(_) => f.write_str("cannot listen on 127.0.0.1"),
            Self::Base(base) => {
                write!(f, "{base:?} does not begin with http:// or https://")
            }
        }
    }
}

impl Error for LabError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen(error) => Some(error),
            Self::Base(_) => None,
        }
    }
}

impl Lab {
    /// Starts a lab on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// [`LabError::Listen`] if the system gives no port.
    ///
    /// # Panics
    ///
    /// On a runtime without I/O, as one in virtual time is.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: either the lab runs or nothing was started.
    pub async fn start() -> Result<Self, LabError> {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.map_err(LabError::Listen)?;
        let address = listener.local_addr().map_err(LabError::Listen)?;
        let counters = Counters::default();
        let (router, routes) = routes::all(&counters);
        let server = tokio::spawn(server::serve(listener, router, counters.clone()));
        Ok(Self {
            base: format!("http://{address}"),
            routes,
            counters,
            _server: AbortOnDropHandle::new(server),
        })
    }

    /// The outside server at `base` if there is one, else a lab of our own: what a section
    /// does with the `--url` of its chapter.
    ///
    /// # Errors
    ///
    /// [`LabError::Base`] if `base` is no HTTP address, else as [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as [`start`](Self::start).
    pub async fn or_url(base: Option<String>) -> Result<Base, LabError> {
        match base {
            Some(base) => Base::outside(&base),
            None => Ok(Base::Lab(Self::start().await?)),
        }
    }

    /// The address of a path: `lab.url("/json")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        base::join(&self.base, path)
    }

    /// What this lab answers, in the order in which its index page lists it.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What this lab saw until now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// How many requests asked for this path, whatever their query was.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> u64 {
        self.counters.requests_to(path)
    }

    /// Waits until the counts are as `enough` wants them, and returns them: for a test that
    /// must not go on before the server has seen something.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    pub async fn wait_until(&self, enough: impl FnMut(&Stats) -> bool) -> Stats {
        self.counters.wait_until(enough).await
    }
}
