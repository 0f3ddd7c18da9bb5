//! Each layer calls the one below it, and none knows the one above.
//!
//! | layer | knows | file |
//! |---|---|---|
//! | door | sockets, connections, the stop | `serve` |
//! | limits | requests and responses, whatever they are about | `limits` and what it lists |
//! | handlers | HTTP and the service | `api`, `problem` |
//! | service | what may be done with users | `service` |
//! | repository | where users are kept: a trait, a fake and a database | `repository`, `memory`, `sqlite` |
//! | domain | what a user is | `user` |
//!
//! A Python project of this shape has a folder per layer, and an import in the wrong direction is
//! found by a reviewer. Here each layer is a module that names what it uses.

// ANCHOR: layout
pub(crate) mod api;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod command;
pub(crate) mod limits;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod problem;
pub(crate) mod rates;
pub(crate) mod receive;
pub(crate) mod repository;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod serve;
pub(crate) mod service;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod signals;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod sqlite;
pub(crate) mod survive;
pub(crate) mod user;
// ANCHOR_END: layout
