//! A chapter reads its command line, runs the sections that it names, and prints what they say.

pub mod chapter;
mod command_line;
mod engine;
mod output;
mod page;
mod pictures;
mod runner;
mod survey;
