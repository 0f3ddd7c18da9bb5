//! A run of sections prints what they say, draws their timelines, and counts what failed.
