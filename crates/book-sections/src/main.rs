//! Turns the line `{{#section NAME}}` of a page into everything the book shows of a section.
//!
//! mdBook starts it as a preprocessor. `book-sections record` writes down what the sections print,
//! `book-sections check` fails if that is not what they print today, and `book-sections programs`
//! builds and runs each program as the book shows it. `record-compiler` and `check-compiler` do the
//! same for what the compiler reports about wrong programs, which `{{#error NAME}}` shows.

mod asked;
mod book;
mod chapter;
mod compiler;
mod contents;
mod differs;
mod directive;
mod exercises;
mod listing;
mod manifest;
mod markup;
mod minutes;
mod panel;
mod picture;
mod predict;
mod program;
mod programs;
mod query;
mod question;
mod record;
mod recorded;
mod runs;
mod snippet;
mod table;
mod transcript;
mod workspace;

use std::{
    env, io,
    process::{ExitCode, exit},
};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::parse_input;

use crate::workspace::Workspace;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // No backtrace: what is wrong lies in a page, and not in this program.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => preprocess(),
        // Everything the panels consist of is HTML.
        ["supports", renderer] => exit(i32::from(renderer != "html")),
        ["record", ref chapters @ ..] => runs::record(&Workspace::here()?, chapters),
        ["check"] => runs::check(&Workspace::here()?),
        ["programs", ref chapters @ ..] => programs::check(&Workspace::here()?, chapters),
        ["record-compiler"] => compiler::record(&Workspace::here()?),
        ["check-compiler"] => compiler::check(&Workspace::here()?),
        _ => bail!(
            "usage: book-sections [record [CHAPTER…] | check | programs [CHAPTER…] | \
             record-compiler | check-compiler]"
        ),
    }
}

fn preprocess() -> Result<()> {
    let (context, mut book) = parse_input(io::stdin())?;
    let root = context.root.parent().context("the book lies in no workspace")?;
    book::fill(&Workspace::open(root)?, &mut book)?;
    Ok(serde_json::to_writer(io::stdout(), &book)?)
}
