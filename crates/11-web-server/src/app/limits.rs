//! Every request is limited in rate, in the size and time of its body, in number and in time.
//!
//! A layer is what `@web.middleware` is in aiohttp: it gets the request and the inner service, and
//! may respond without calling it. The outermost layer is listed first. Tower's layers wait in
//! `poll_ready` or fail with a boxed error, so `to_problem` translates all their errors.

use std::time::Duration;

use axum::{
    BoxError, Router,
    error_handling::HandleErrorLayer,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use tower::{
    ServiceBuilder,
    limit::GlobalConcurrencyLimitLayer,
    load_shed::{LoadShedLayer, error::Overloaded},
    timeout::{TimeoutLayer, error::Elapsed},
};

use super::{
    catch_panic::catch_panic,
    problem::Problem,
    rate_limiter::{RateLimiter, limit_rate},
    receive_body::{BodyLimits, receive_body},
};

/// The limits of requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The number of requests that one client may send without a pause; at least 1.
    pub(crate) burst: u32,
    /// The interval after which the client may send one more.
    pub(crate) every: Duration,
    /// The limits of the body of a request.
    pub(crate) body: BodyLimits,
    /// The maximum number of handlers that run at the same time; at least 1.
    pub(crate) slots: usize,
    /// The time that one handler may take.
    pub(crate) handler: Duration,
}

impl Default for Limits {
    /// Arbitrary numbers for a small machine: measure, then choose.
    fn default() -> Self {
        Self {
            burst: 100,
            every: Duration::from_millis(20),
            body: BodyLimits { bytes: 64 * 1024, time: Duration::from_secs(10) },
            slots: 64,
            handler: Duration::from_secs(5),
        }
    }
}

// ANCHOR: limits
/// Wraps all routes in layers that apply these limits.
pub(crate) fn limited(routes: Router, limits: Limits) -> Router {
    assert!(limits.slots > 0, "a server with 0 slots would refuse every request");
    let rates = RateLimiter::new(limits.burst, limits.every);
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn(catch_panic))
            .layer(from_fn_with_state(rates, limit_rate))
            // The body arrives before the request takes a slot: a slow client occupies none.
            .layer(from_fn_with_state(limits.body, receive_body))
            // axum's own limit of 2 MB would refuse a body that `limits.body` allows.
            .layer(DefaultBodyLimit::disable())
            .layer(HandleErrorLayer::new(to_problem))
            .layer(LoadShedLayer::new())
            // `Router::layer` wraps each route separately. A plain `ConcurrencyLimitLayer` would
            // have its own slots for each route; this layer shares one count among all routes.
            .layer(GlobalConcurrencyLimitLayer::new(limits.slots))
            .layer(TimeoutLayer::new(limits.handler)),
    )
}

async fn to_problem(error: BoxError) -> Problem {
    let a_second = Duration::from_secs(1);
    if error.is::<Overloaded>() {
        Problem::busy("the server is overloaded", a_second)
    } else if error.is::<Elapsed>() {
        Problem::busy("the request timed out", a_second)
    } else {
        Problem::bug()
    }
}
// ANCHOR_END: limits
