//! A pool lends at most so many resources, and gets each one back on every path.
