//! A chapter's command line is read once, before anything runs.
