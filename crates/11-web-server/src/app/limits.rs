//! Nothing that a client sends or holds is without a limit.
//!
//! A layer is what `@web.middleware` is in aiohttp: it gets the request and the rest of the
//! server, and may answer by itself. The outermost comes first. Tower's layers wait in
//! `poll_ready` or fail with an error of any type, so what they say is translated once, here.

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
    problem::Problem,
    rates::{Rates, limit_rate},
    receive::{Receiving, receive},
    survive::survive,
};

/// What a client may ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests that one client may send at once, from 1.
    pub(crate) burst: u32,
    /// The time after which it may send one more.
    pub(crate) every: Duration,
    /// The body of a request.
    pub(crate) receiving: Receiving,
    /// Requests that are worked on at the same time, from 1.
    pub(crate) slots: usize,
    /// The time that one of them may take.
    pub(crate) answering: Duration,
}

impl Default for Limits {
    /// Arbitrary numbers for a small machine: measure, then choose.
    fn default() -> Self {
        Self {
            burst: 100,
            every: Duration::from_millis(20),
            receiving: Receiving { bytes: 64 * 1024, time: Duration::from_secs(10) },
            slots: 64,
            answering: Duration::from_secs(5),
        }
    }
}

// ANCHOR: limits
/// These routes, under these limits.
pub(crate) fn limited(routes: Router, limits: Limits) -> Router {
    assert!(limits.slots > 0, "a server without slots would refuse every request");
    let rates = Rates::new(limits.burst, limits.every);
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn(survive))
            .layer(from_fn_with_state(rates, limit_rate))
            // A slot is taken once the body is here: a slow client cannot sit in one.
            .layer(from_fn_with_state(limits.receiving, receive))
            // axum's own limit of 2 MB has nothing left to do.
            .layer(DefaultBodyLimit::disable())
            .layer(HandleErrorLayer::new(refuse))
            .layer(LoadShedLayer::new())
            // `Router::layer` wraps each route by itself. A plain `ConcurrencyLimitLayer` would
            // give each route slots of its own; this one counts them all together.
            .layer(GlobalConcurrencyLimitLayer::new(limits.slots))
            .layer(TimeoutLayer::new(limits.answering)),
    )
}

async fn refuse(error: BoxError) -> Problem {
    let a_second = Duration::from_secs(1);
    if error.is::<Overloaded>() {
        Problem::busy("the server has too much to do", a_second)
    } else if error.is::<Elapsed>() {
        Problem::busy("the answer took too long", a_second)
    } else {
        Problem::bug()
    }
}
// ANCHOR_END: limits
