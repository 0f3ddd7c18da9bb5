//! A child prints to a pipe, which breaks when its parent dies; that is no reason to panic.
#![cfg(not(target_family = "wasm"))]

use std::{
    fmt,
    io::{self, Write},
};

/// Prints a line to standard output.
pub(crate) fn print(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{line}");
}
