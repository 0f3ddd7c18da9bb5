//! A chapter's command line never panics: whatever is typed, it runs or says what is wrong.
//!
//! Each test starts the example `small_chapter` as a process of its own.

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
