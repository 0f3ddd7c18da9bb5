//! A chapter reads its command line, runs the sections that it names, and prints what they say.
//!
//! | file | its job |
//! |---|---|
//! | `chapter` | what a `main.rs` calls |
//! | `contents` | the sections, as the other files see them |
//! | `command_line` | the options, and the help about them |
//! | `runner` | prints the help or a listing, or runs sections without a prompt |
//! | `walk`, `prompt` | run section by section, with a prompt |
//! | `session` | runs a section, and prints its timeline, its files and its question |
//! | `engine` | runs a section on its clock, until it ends or Ctrl-C stops it |
//! | `survey`, `listing` | the knobs of a section that has not run |
//! | `sources` | the files of a section; `no_sources` on WebAssembly |
//! | `output`, `notes`, `written_files` | standard output, standard error, and files |
//! | `page`, `terminal` | the layout of a text, and the size of the terminal that shows it |

pub mod chapter;
mod command_line;
mod contents;
mod engine;
#[cfg(not(target_family = "wasm"))]
mod exercises;
mod exit_code;
mod last_run;
mod listing;
mod notes;
mod output;
mod page;
mod prompt;
mod runner;
mod session;
#[cfg_attr(target_family = "wasm", path = "run/no_sources.rs")]
mod sources;
mod survey;
mod terminal;
mod walk;
mod written_files;
