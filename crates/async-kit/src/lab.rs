//! A loopback HTTP server that can fail, stall and drop connections, and counts its requests.
//!
//! Sections that speak HTTP send their requests to it, so they need no network, and a test can
//! assert that no more than ten requests were in flight at the same time. It listens on
//! `127.0.0.1` only, on a port that the system picks.

mod base;
mod batch;
mod big;
mod bounded;
mod charges;
mod closed_port;
mod connections;
mod content;
mod echo;
mod error;
mod failed_response;
mod flaky;
mod folder;
mod hostile;
mod join_url;
mod refusal;
mod route;
mod routes;
mod server;
mod site;
mod stats;
mod ticker;
mod trouble;
mod users;

pub use self::{
    base::Base,
    closed_port::ClosedPort,
    error::LabError,
    hostile::{Failure, Fault, Hostile},
    route::Route,
    server::Lab,
    stats::Stats,
};
