//! The most urgent item leaves first, and equals leave in the order they came.
