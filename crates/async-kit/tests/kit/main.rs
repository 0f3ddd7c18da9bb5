//! The kit keeps its promises to whoever uses it from outside.
//!
//! One binary: it is linked once, and no test waits for the slowest of another file.

mod alarms;
mod book;
mod cancellation;
mod command_line;
mod counted;
mod lab;
mod pool;
mod priority_queue;
mod render;
mod schedules;
mod watchdogs;
mod work_queue;
