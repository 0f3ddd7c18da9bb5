//! A lab owns its server task: dropping the lab closes the port and every connection.

use std::path::Path;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::{
    connections,
    error::LabError,
    folder,
    join_url::join_url,
    route::Route,
    routes,
    stats::{self, Counters, Stats},
};

/// A running lab.
///
/// Corresponds to `aiohttp.test_utils.TestServer` in an asyncio test suite; Tokio itself has
/// no HTTP. Any number of labs may run at the same time, each with its own port and its own
/// counts. [`routes`](Self::routes) lists the requests that it responds to.
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
/// let response = client.get(lab.url("/status/404")).send().await?;
/// assert_eq!(response.status(), 404);
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

impl Lab {
    /// Starts a lab on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// [`LabError::Listen`] if the system has no free port.
    ///
    /// # Panics
    ///
    /// Panics on a runtime without I/O, such as one in virtual time.
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
    /// The extension of a file decides its content type. A request for a folder gets its
    /// `index.html`. No `..`, in any spelling, and no symlink leads out of the folder. Ranges and
    /// caching are not supported. If you need those, use `ServeDir` of `tower-http`, which follows
    /// symlinks. Corresponds to `python3 -m http.server -d path`, which follows symlinks too.
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
    /// let response = client.get(lab.url("/src/lab.rs")).send().await?;
    /// assert!(response.text().await?.starts_with("//! A loopback HTTP server"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`LabError::Folder`] if there is no folder at `path`; otherwise as [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// Panics as [`start`](Self::start).
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
        let router = stats::count_requests(router, &counters);
        let server = connections::accept_all(listener, router, counters.clone());
        Ok(Self {
            base: format!("http://{address}"),
            routes,
            counters,
            _server: AbortOnDropHandle::new(tokio::spawn(server)),
        })
    }

    /// Returns the address of a path: `lab.url("/json")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join_url(&self.base, path)
    }

    /// Returns the requests that this lab responds to, in the order of its index page.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Returns the counts of this lab until now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// Returns how many requests this path received, with any query.
    ///
    /// # Panics
    ///
    /// Panics if the lab does not know the number. It counts only the first 100,000 different
    /// paths separately. Later paths, which only an endless trap produces, are counted only in
    /// [`stats`](Self::stats).
    #[must_use]
    pub fn requests_to(&self, path: &str) -> u64 {
        let requests = self.counters.requests_to(path);
        requests.unwrap_or_else(|| {
            panic!("{path} is not one of the first 100000 different paths")
        })
    }

    /// Waits until `enough` returns true for the counts, and returns them: for a test that must
    /// wait until the server has seen something.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: waiting changes nothing.
    pub async fn wait_until(&self, enough: impl FnMut(&Stats) -> bool) -> Stats {
        self.counters.wait_until(enough).await
    }
}
