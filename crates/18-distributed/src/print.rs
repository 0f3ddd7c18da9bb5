//! A child whose parent is dead prints without a panic, although `println!` would panic.
#![cfg(not(target_family = "wasm"))]

use std::{
    fmt,
    io::{self, Write},
};

/// Prints a line to standard output.
pub(crate) fn print(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{line}");
}
