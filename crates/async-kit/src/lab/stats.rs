//! A request is in flight until the last byte of its response is sent or its body is dropped.
//!
//! The guard of a request is part of the response body, and hyper drops a body before it sends
//! the last bytes. So a client that has read a response never finds the request still counted.

use std::{
    collections::HashMap,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Json, Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use tokio::sync::watch;

use super::route::{Entry, entry};

/// The counts of a lab since its start; displayed as
/// `50 requests, at most 10 concurrent, 10 connections`.
///
/// The client decides how many connections it makes. For ten concurrent requests `reqwest` makes
/// ten and, on several threads, sometimes one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests that were received, with any outcome.
    pub requests: u64,
    /// Requests whose response is not yet complete.
    pub in_flight: u64,
    /// The highest number of requests that were in flight at the same time.
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
            (plural(*requests, "request"), plural(*connections, "connection"));
        write!(f, "{requests}, at most {peak_in_flight} concurrent, {connections}")
    }
}

/// `1 request`, `2 requests`
fn plural(count: u64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

pub(super) fn entries(counters: &Counters) -> Vec<Entry> {
    let counters = counters.clone();
    let stats = async move || Json(counters.stats());
    vec![entry(
        "GET /stats",
        "the counts of this server, this request included",
        get(stats),
    )]
}

/// The counts of one lab; clones share them.
///
/// The `watch` is a lock around the counts, and tasks can also wait until the counts change.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters(Arc<watch::Sender<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    stats: Stats,
    paths: HashMap<String, u64>,
}

/// How many paths are counted separately. Arbitrary, but a limit is needed: a trap of endless
/// links would fill the memory of the server before that of the crawler.
const MAX_PATHS: usize = 100_000;

impl Seen {
    fn count(&mut self, path: &str) {
        // `get_mut` first, because nearly every path is known, and `entry` would copy it.
        if let Some(requests) = self.paths.get_mut(path) {
            *requests += 1;
        } else if self.paths.len() < MAX_PATHS {
            self.paths.insert(path.to_owned(), 1);
        }
    }

    /// Returns `None` if the path is not counted and the limit of counted paths was reached: the
    /// path may have been requested.
    fn requests_to(&self, path: &str) -> Option<u64> {
        let requests = self.paths.get(path).copied();
        requests.or((self.paths.len() < MAX_PATHS).then_some(0))
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

    pub(super) fn connect(&self) -> ConnectionGuard {
        self.0.send_modify(|Seen { stats, .. }| {
            stats.connections += 1;
            stats.open_connections += 1;
        });
        ConnectionGuard(self.clone())
    }

    fn begin(&self, path: &str) -> RequestGuard {
        self.0.send_modify(|seen| {
            seen.count(path);
            let stats = &mut seen.stats;
            stats.requests += 1;
            stats.in_flight += 1;
            stats.peak_in_flight = stats.peak_in_flight.max(stats.in_flight);
        });
        RequestGuard(self.clone())
    }
}

#[must_use = "dropping it counts the connection as closed"]
pub(super) struct ConnectionGuard(Counters);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|seen| seen.stats.open_connections -= 1);
    }
}

#[must_use = "dropping it counts the request as complete"]
struct RequestGuard(Counters);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|seen| seen.stats.in_flight -= 1);
    }
}

/// Wraps the router so that every request is counted.
pub(super) fn count_requests(router: Router, counters: &Counters) -> Router {
    router.layer(from_fn_with_state(counters.clone(), count))
}

async fn count(
    State(counters): State<Counters>,
    request: Request,
    next: Next,
) -> Response {
    let guard = counters.begin(request.uri().path());
    let response = next.run(request).await;
    response.map(|body| Body::new(CountedBody { body, _guard: guard }))
}

/// A body that counts its request as in flight until it is dropped.
struct CountedBody {
    body: Body,
    _guard: RequestGuard,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    // Without these two methods every response would be chunked and have no length.
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
    fn paths_past_the_limit_use_no_memory_and_their_count_is_unknown() {
        let mut seen = Seen::default();
        seen.count("/first");
        assert_eq!(seen.requests_to("/not-requested"), Some(0));
        (0..MAX_PATHS + 5).for_each(|i| seen.count(&format!("/trap/{i}")));
        seen.count("/first");
        assert_eq!(seen.paths.len(), MAX_PATHS);
        assert_eq!(seen.requests_to("/first"), Some(2));
        assert_eq!(seen.requests_to("/trap/0"), Some(1));
        assert_eq!(seen.requests_to(&format!("/trap/{MAX_PATHS}")), None);
    }
}
