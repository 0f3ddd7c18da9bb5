//! An entry of the route table has the text of a route and its handler, so they cannot disagree.

use axum::routing::MethodRouter;

/// One request that a lab responds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Method, path and query, as in `GET /users?page=1&per_page=10`.
    pub usage: &'static str,
    /// A description of the response.
    pub about: &'static str,
}

impl Route {
    pub(super) fn path(&self) -> &'static str {
        let (_, target) = self.usage.split_once(' ').unwrap_or_default();
        target.split_once('?').map_or(target, |(path, _)| path)
    }
}

/// A route and its handler.
pub(super) type Entry = (Route, MethodRouter);

pub(super) fn entry(
    usage: &'static str,
    about: &'static str,
    handler: MethodRouter,
) -> Entry {
    (Route { usage, about }, handler)
}
