//! The server of this chapter: each layer uses the layers below it, and none above it. Used by all
//! sections.
//!
//! | layer | knows | module |
//! |---|---|---|
//! | connections | sockets, limits per connection, the shutdown | `serve`, `open_connections` |
//! | limits | requests and responses of any kind | `limits` and the modules it uses |
//! | handlers | HTTP and the service | `api`, `problem` |
//! | service | the operations on users | `service` |
//! | repository | the storage of users: a trait, a fake and a database | `repository`, `memory`, `sqlite` |
//! | domain | a valid user, and the characters of its texts | `user`, `characters` |
//!
//! A Python project of this shape has a folder per layer, and only a reviewer can notice a wrong
//! import. Here each layer is a module, and its `use` lines list the layers it uses.
#![cfg_attr(target_family = "wasm", allow(dead_code, reason = "the rest needs sockets"))]

// ANCHOR: layout
pub(crate) mod api;
pub(crate) mod catch_panic;
pub(crate) mod characters;
pub(crate) mod command;
pub(crate) mod host;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod open_connections;
pub(crate) mod problem;
pub(crate) mod rate_limiter;
pub(crate) mod receive_body;
pub(crate) mod repository;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod sqlite;
pub(crate) mod user;
// ANCHOR_END: layout
