//! The public API of the kit behaves as its documentation says.
//!
//! All tests are one binary: it is linked once, and tests of different files run in parallel.

mod alarms;
mod atomic_file;
mod batcher;
mod batches;
mod book;
mod cancellation;
mod command_line;
mod counted;
mod deadline;
mod debug;
mod event;
mod exercise;
mod exercises;
mod group;
mod import;
mod in_batches;
mod lab;
mod last_instant;
mod logged_release;
mod manual_task;
mod monitor;
mod pages;
mod pool;
mod priority_queue;
mod race;
mod render;
mod retry;
mod retry_after;
mod schedules;
mod scope;
#[cfg(target_os = "linux")]
mod signals;
mod watchdogs;
mod work_queue;
