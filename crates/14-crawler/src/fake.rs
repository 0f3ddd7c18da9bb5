//! A fake web runs in virtual time, so a test can check each request and its exact time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::{Lane, say};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Limits, Robots,
    engine::{self, Fetch},
    failure::Failure,
    frontier::Frontier,
    outcome::Fetched,
    response::Response,
    visit::Visit,
};

/// Sites that exist only in a test or a section. Clones share their requests and failures.
#[derive(Clone, Debug)]
pub struct FakeWeb {
    pages: HashMap<String, Page>,
    robots: HashMap<String, (Duration, Result<Robots, Failure>)>,
    lane_prefix: String,
    began: Instant,
    requests: Arc<Mutex<Vec<String>>>,
    failures_left: Arc<Mutex<HashMap<String, u32>>>,
}

#[derive(Clone, Debug)]
struct Page {
    latency: Duration,
    response: Result<Response, Failure>,
    /// What its first requests return instead; `failures_left` has their number.
    failure: Option<Failure>,
}

impl Default for FakeWeb {
    fn default() -> Self {
        Self::new()
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

impl FakeWeb {
    /// A web without any page: every request returns a 404.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pages: HashMap::new(),
            robots: HashMap::new(),
            lane_prefix: String::new(),
            began: Instant::now(),
            requests: Arc::default(),
            failures_left: Arc::default(),
        }
    }

    /// Adds a page that arrives after `latency` and has these links.
    ///
    /// # Panics
    ///
    /// If a text is not an address, as every method here.
    #[must_use]
    pub fn with_page(self, at: &str, latency: Duration, links: &[&str]) -> Self {
        let links = links.iter().filter_map(|link| address(at).join(link)).collect();
        self.with_response(at, latency, Ok(Response::Page(Fetched::default(), links)))
    }

    /// Adds a redirect.
    #[must_use]
    pub fn with_redirect(self, at: &str, latency: Duration, to: &str) -> Self {
        let to = address(at).join(to).expect("an address to move to");
        self.with_response(at, latency, Ok(Response::Moved(to)))
    }

    /// Adds an address with any response.
    #[must_use]
    pub fn with_response(
        mut self,
        at: &str,
        latency: Duration,
        response: Result<Response, Failure>,
    ) -> Self {
        self.pages
            .insert(address(at).to_string(), Page { latency, response, failure: None });
        self
    }

    /// Makes the first `times` requests for a page that was added fail.
    #[must_use]
    pub fn failing(mut self, at: &str, times: u32, failure: Failure) -> Self {
        let page = self.pages.get_mut(at).expect("a page that was added");
        page.failure = Some(failure);
        self.lock_failures_left().insert(at.to_owned(), times);
        self
    }

    /// Gives a site a `robots.txt` that arrives after `latency`.
    #[must_use]
    pub fn with_robots(mut self, at: &str, latency: Duration, text: &str) -> Self {
        let at = address(at).join("/robots.txt").expect("a path of a site");
        self.robots.insert(at.to_string(), (latency, Ok(Robots::parse(text, "lamp"))));
        self
    }

    /// Makes every request for the `robots.txt` of a site fail.
    #[must_use]
    pub fn with_robots_failure(mut self, at: &str, failure: Failure) -> Self {
        let at = address(at).join("/robots.txt").expect("a path of a site");
        self.robots.insert(at.to_string(), (Duration::ZERO, Err(failure)));
        self
    }

    /// Returns the same web, with lane names that begin with `prefix`.
    #[must_use]
    pub fn with_lane_prefix(&self, prefix: &str) -> Self {
        Self { lane_prefix: format!("{prefix} "), ..self.clone() }
    }

    /// Every request as text: when it started, in milliseconds since this web was created, and its
    /// address.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Crawls this web to the end, and returns every visit in order.
    pub async fn crawl(&self, limits: Limits, starts: &[&str]) -> Vec<Visit> {
        self.resume(limits, starts, []).await
    }

    /// Resumes a crawl after the visits in `history`, as [`crawl`](Self::crawl) otherwise.
    pub async fn resume(
        &self,
        limits: Limits,
        starts: &[&str],
        history: impl IntoIterator<Item = Visit>,
    ) -> Vec<Visit> {
        let starts: Vec<_> = starts.iter().map(|start| address(start)).collect();
        let mut frontier = Frontier::new(limits, &starts, history);
        let mut visits = Vec::new();
        let stop = CancellationToken::new();
        let Ok(()) = engine::run(self.clone(), &mut frontier, &mut visits, &stop).await;
        visits
    }

    fn lock_failures_left(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.failures_left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_request(&self, name: &str) {
        let line = format!("{} {name}", self.began.elapsed().as_millis());
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Waits for the latency of a response, in a separate lane, which ends with ✗ if there is none.
    async fn respond<T: Send>(
        &self,
        at: &Address,
        latency: Duration,
        response: impl FnOnce() -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        let name = at.as_str().trim_start_matches("http://").to_owned();
        self.note_request(&name);
        let request = async {
            say!("requested");
            sleep(latency).step("waiting for a response").await;
            response()
        };
        request.try_lane(format!("{}{name}", self.lane_prefix)).await
    }

    fn fails_now(&self, at: &Address) -> bool {
        let mut pages = self.lock_failures_left();
        let left = pages.get_mut(at.as_str()).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}

impl Fetch for FakeWeb {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        match self.robots.get(address.as_str()) {
            Some((latency, robots)) => {
                self.respond(address, *latency, || robots.clone()).await
            }
            None => {
                self.note_request(address.as_str().trim_start_matches("http://"));
                Ok(Robots::allow_all())
            }
        }
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        let Some(page) = self.pages.get(address.as_str()) else {
            let missing = || Err(Failure::Status { status: 404, retry_after: None });
            return self.respond(address, Duration::ZERO, missing).await;
        };
        let response = || match &page.failure {
            Some(failure) if self.fails_now(address) => Err(failure.clone()),
            _ => page.response.clone(),
        };
        self.respond(address, page.latency, response).await
    }
}
