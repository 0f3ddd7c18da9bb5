//! A retry repeats what may pass next time, and keeps the last cause of what does not.
