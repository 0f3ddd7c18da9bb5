//! A future dropped at every point where it can be dropped loses and leaks nothing.
