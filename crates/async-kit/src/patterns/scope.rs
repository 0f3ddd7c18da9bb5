//! A resource in a scope is released exactly once, on every way out.
