//! A deadline is one budget of time that nested calls share.
