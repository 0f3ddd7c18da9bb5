//! A queue in PostgreSQL keeps promises of its own, also if its server fails.
//!
//! The promises that every form keeps are tested in `promises.rs`.
#![cfg(unix)]

#[path = "postgres/claims.rs"]
mod claims;
#[path = "postgres/cost.rs"]
mod cost;
#[path = "postgres/failures.rs"]
mod failures;
#[path = "postgres/lost_answers.rs"]
mod lost_answers;
#[path = "postgres/publishing.rs"]
mod publishing;
#[path = "postgres/restarts.rs"]
mod restarts;
#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/space.rs"]
mod space;
#[path = "postgres/wakeups.rs"]
mod wakeups;
