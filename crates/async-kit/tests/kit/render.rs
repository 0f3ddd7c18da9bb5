//! Every picture of any recording is correct, fits its width, and shows or counts each lane.

pub(crate) mod any;
mod measure;
mod programs;
mod record_file;
mod svg;
mod timeline;
mod trace;
