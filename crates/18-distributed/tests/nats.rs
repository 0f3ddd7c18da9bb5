//! A NATS server that dies, refuses or is full loses nothing that it has acknowledged.
//!
//! Each test starts its own server, if `NATS_URL` is set, which means that this machine has one.
#![cfg(not(target_family = "wasm"))]

#[path = "nats/creations.rs"]
mod creations;
#[path = "nats/deaths.rs"]
mod deaths;
#[path = "nats/limits.rs"]
mod limits;
#[path = "nats/lost_answers.rs"]
mod lost_answers;
#[path = "nats/openings.rs"]
mod openings;
#[path = "nats/proxy.rs"]
mod proxy;
#[path = "nats/refusals.rs"]
mod refusals;
#[path = "nats/repairs.rs"]
mod repairs;
#[path = "nats/server.rs"]
mod server;
#[path = "nats/small_disk.rs"]
mod small_disk;
#[path = "nats/strangers.rs"]
mod strangers;
