//! A request is in flight until the last byte of its answer is on its way, or it is dropped.
//!
//! The guard of a request travels in the body of its answer, and hyper drops a body before it
//! sends the last of it: a client that has read an answer never finds it still counted.

use std::{
    collections::HashMap,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Json,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::Response,
    routing::get,
};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use tokio::sync::watch;

use super::routes::{Entry, entry};

/// What a lab saw since it was started; shown as `50 requests, 10 at once, 10 connections`.
///
/// A client decides how many connections it makes: with ten requests at once `reqwest` makes
/// ten, and now and then, on several threads, one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests that came in, whatever became of them.
    pub requests: u64,
    /// Requests that are being answered now.
    pub in_flight: u64,
    /// The most requests that were in flight at any one time.
    pub peak_in_flight: u64,
    /// TCP connections that were made.
    pub connections: u64,
    /// TCP connections that are open now.
    pub open_connections: u64,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, peak_in_flight, connections, .. } = self;
        let (requests, connections) =
            (counted(*requests, "request"), counted(*connections, "connection"));
        write!(f, "{requests}, {peak_in_flight} at once, {connections}")
    }
}

/// `1 request`, `2 requests`
fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

pub(super) fn entries(counters: &Counters) -> Vec<Entry> {
    let counters = counters.clone();
    let stats = async move || Json(counters.stats());
    vec![entry("GET /stats", "what this server saw, this request included", get(stats))]
}

/// The counts of one lab; a clone counts into the same ones.
///
/// A `watch` is only a lock around them that can also be waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters(Arc<watch::Sender<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    stats: Stats,
    paths: HashMap<String, u64>,
}

/// How many paths are counted one by one. Arbitrary, but there has to be an end: a trap of
/// endless links would fill the memory of the server before that of the crawler.
const MOST_PATHS: usize = 100_000;

impl Seen {
    fn count(&mut self, path: &str) {
        // Looked up first, because nearly every path is known, and `entry` would copy it.
        if let Some(requests) = self.paths.get_mut(path) {
            *requests += 1;
        } else if self.paths.len() < MOST_PATHS {
            self.paths.insert(path.to_owned(), 1);
        }
    }

    /// `None` if this path came when as many as are counted were known already.
    fn requests_to(&self, path: &str) -> Option<u64> {
        let requests = self.paths.get(path).copied();
        requests.or((self.paths.len() < MOST_PATHS).then_some(0))
    }
}

impl Counters {
    pub(super) fn stats(&self) -> Stats {
        self.0.borrow().stats
    }

    pub(super) fn requests_to(&self, path: &str) -> Option<u64> {
        self.0.borrow().requests_to(path)
    }

    pub(super) async fn wait_until(
        &self,
        mut enough: impl FnMut(&Stats) -> bool,
    ) -> Stats {
        let mut seen = self.0.subscribe();
        let seen = seen.wait_for(|seen| enough(&seen.stats)).await;
        seen.expect("this handle keeps the sender alive").stats
    }

    pub(super) fn connect(&self) -> Open {
        self.0.send_modify(|Seen { stats, .. }| {
            stats.connections += 1;
            stats.open_connections += 1;
        });
        Open(self.clone())
    }

    fn begin(&self, path: &str) -> InFlight {
        self.0.send_modify(|seen| {
            seen.count(path);
            let stats = &mut seen.stats;
            stats.requests += 1;
            stats.in_flight += 1;
            stats.peak_in_flight = stats.peak_in_flight.max(stats.in_flight);
        });
        InFlight(self.clone())
    }
}

#[must_use = "dropping it counts the connection as closed"]
pub(super) struct Open(Counters);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|seen| seen.stats.open_connections -= 1);
    }
}

#[must_use = "dropping it counts the request as answered"]
struct InFlight(Counters);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.send_modify(|seen| seen.stats.in_flight -= 1);
    }
}

pub(super) async fn count(
    State(counters): State<Counters>,
    request: Request,
    next: Next,
) -> Response {
    let in_flight = counters.begin(request.uri().path());
    let answer = next.run(request).await;
    answer.map(|body| Body::new(Counted { body, _in_flight: in_flight }))
}

/// A body that keeps its request in flight.
struct Counted {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    // Without these two, every answer would be chunked, and none would have a length.
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_past_the_limit_cost_nothing_and_are_not_claimed_to_be_unasked() {
        let mut seen = Seen::default();
        seen.count("/first");
        assert_eq!(seen.requests_to("/never"), Some(0));
        (0..MOST_PATHS + 5).for_each(|i| seen.count(&format!("/trap/{i}")));
        seen.count("/first");
        assert_eq!(seen.paths.len(), MOST_PATHS);
        assert_eq!(seen.requests_to("/first"), Some(2));
        assert_eq!(seen.requests_to("/trap/0"), Some(1));
        assert_eq!(seen.requests_to(&format!("/trap/{MOST_PATHS}")), None);
    }
}
