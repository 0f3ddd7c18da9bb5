//! A chapter's command line never panics: any input either runs or gets an error message.
//!
//! Each test starts the example `small_chapter` as a separate process.

mod ends;
mod help;
mod knobs;
mod pictures;
mod plain;
mod refused;
#[cfg(target_os = "linux")]
mod screen;
mod support;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod walk;
