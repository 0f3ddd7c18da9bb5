//! A loopback HTTP server that can fail, stall and drop connections, and counts what it saw.
//!
//! Sections that speak HTTP talk to it, so they need no network, and a test can say "never
//! more than ten at once". It listens on `127.0.0.1` only, on a port that the system picks.

mod base;
mod batch;
mod big;
mod bounded;
mod charges;
mod closed_port;
mod content;
mod echo;
mod flaky;
mod folder;
mod hostile;
mod refusal;
mod routes;
mod server;
mod site;
mod stats;
mod ticker;
mod trouble;
mod users;

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use axum::Router;

use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use self::stats::Counters;
pub use self::{
    base::Base,
    closed_port::ClosedPort,
    hostile::{Failure, Fault, Hostile},
    routes::Route,
    stats::Stats,
};

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
    /// What was to be served is no folder, or cannot be read.
    Folder(PathBuf, io::Error),
    /// The base given instead of a lab is no HTTP address.
    Base(String),
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(_) => f.write_str("cannot listen on 127.0.0.1"),
            Self::Folder(path, _) => write!(f, "cannot serve {}", path.display()),
            Self::Base(base) => {
                write!(f, "{base:?} does not begin with http:// or https://")
            }
        }
    }
}

impl Error for LabError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen(error) | Self::Folder(_, error) => Some(error),
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
        let counters = Counters::default();
        let (router, routes) = routes::all(&counters);
        Self::serve(router, routes, counters).await
    }

    /// Starts a lab that serves a folder, and nothing else: for a site that exists as files.
    ///
    /// Types are told by extension, a folder is answered with its `index.html`, and no path
    /// leads out of the folder, neither by `..` in any spelling nor by a symlink. Answers to
    /// `python3 -m http.server -d path`, which follows symlinks. It knows neither ranges nor
    /// caching: for those take the `ServeDir` of `tower-http`, which follows symlinks as well.
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::lab::Lab;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let lab = Lab::serve_dir(env!("CARGO_MANIFEST_DIR")).await?;
    /// let client = reqwest::Client::builder().no_proxy().build()?;
    /// let answer = client.get(lab.url("/src/lab.rs")).send().await?;
    /// assert!(answer.text().await?.starts_with("//! A loopback HTTP server"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`LabError::Folder`] if there is no folder at `path`, else as [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as [`start`](Self::start).
    pub async fn serve_dir(path: impl AsRef<Path>) -> Result<Self, LabError> {
        let path = path.as_ref();
        let root =
            folder::root(path).map_err(|error| LabError::Folder(path.into(), error))?;
        let (router, routes) = folder::router(root);
        Self::serve(router, routes, Counters::default()).await
    }

    async fn serve(
        router: Router,
        routes: Vec<Route>,
        counters: Counters,
    ) -> Result<Self, LabError> {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.map_err(LabError::Listen)?;
        let address = listener.local_addr().map_err(LabError::Listen)?;
        let router = routes::counted(router, &counters);
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
    ///
    /// # Panics
    ///
    /// If the lab cannot know: it counts the first 100,000 different paths one by one, and
    /// those that a trap makes after that only in [`stats`](Self::stats).
    #[must_use]
    pub fn requests_to(&self, path: &str) -> u64 {
        let requests = self.counters.requests_to(path);
        requests.unwrap_or_else(|| panic!("{path} is none of the first 100000 paths"))
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
