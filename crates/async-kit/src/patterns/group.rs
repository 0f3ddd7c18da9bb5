//! A group's children end before it does, whatever happens to one of them.
