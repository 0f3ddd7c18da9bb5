//! Real processes share a queue and are killed at every step: no letter is lost, and no effect happens
//! twice.

#![cfg(unix)]

mod command_line;
mod drain;
mod effects;
mod fixture;
#[path = "../../src/on_all.rs"]
mod on_all;
mod publishers;
mod random;
mod sections;
mod workers;
