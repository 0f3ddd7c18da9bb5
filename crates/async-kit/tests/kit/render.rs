//! Every picture of a recording is true, fits, and loses no lane, whatever the recording holds.

mod any;
mod measure;
mod plays;
mod svg;
mod timeline;
mod trace;
