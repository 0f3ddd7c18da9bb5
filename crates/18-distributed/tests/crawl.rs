//! A crawl of several processes has the result of the crawler of chapter 14, whichever process dies.
#![cfg(not(target_family = "wasm"))]

#[path = "crawl/brokers.rs"]
mod brokers;
#[path = "crawl/deaths.rs"]
mod deaths;
#[path = "crawl/ends.rs"]
mod ends;
#[path = "../src/on_all.rs"]
mod on_all;
#[path = "crawl/overlap.rs"]
mod overlap;
#[path = "crawl/politeness.rs"]
mod politeness;
#[path = "crawl/processes.rs"]
mod processes;
#[path = "crawl/same_result.rs"]
mod same_result;
#[allow(dead_code, reason = "not every test program uses every function")]
#[path = "nats/server.rs"]
mod server;
#[path = "crawl/servers.rs"]
mod servers;
#[allow(dead_code, reason = "not every test program uses every function")]
#[path = "nats/small_disk.rs"]
mod small_disk;
#[path = "crawl/strangers.rs"]
mod strangers;
#[path = "crawl/support.rs"]
mod support;
#[path = "crawl/suspects.rs"]
mod suspects;
#[path = "../src/without_port.rs"]
mod without_port;
