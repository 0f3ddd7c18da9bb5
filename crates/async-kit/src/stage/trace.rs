//! A recording as a Chrome trace, which Perfetto opens.
