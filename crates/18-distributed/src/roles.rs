//! Sections start this program again as a child process: `distributed worker …`.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    io::{self, Write},
    pin::Pin,
    process::ExitCode,
};

use anyhow::Context;
use distributed::{Location, end_with_parent};
use lexopt::Parser;
use tokio::runtime::Builder;

use crate::{crawler, publisher, watched, worker};

/// What a child does at its location, with the rest of its arguments. It returns how the process ends.
type Role =
    fn(Location, Parser) -> Pin<Box<dyn Future<Output = anyhow::Result<ExitCode>>>>;

const ROLES: [(&str, Role); 4] = [
    ("crawler", |location, rest| Box::pin(crawler::main(location, rest))),
    ("publisher", |location, rest| Box::pin(publisher::main(location, rest))),
    ("watched", |location, rest| Box::pin(watched::main(location, rest))),
    ("worker", |location, rest| Box::pin(worker::main(location, rest))),
];

/// Plays the role that the first argument names, or returns `None` if it names none.
pub(crate) fn main() -> Option<ExitCode> {
    let name = env::args_os().nth(1)?;
    let (_, role) = ROLES.iter().find(|(role, _)| name == **role)?;
    end_with_parent();
    Some(play(*role).unwrap_or_else(|error| {
        // `eprintln!` would panic if the parent is dead.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    }))
}

/// On one thread, so that a child that stops at a step runs no other task.
fn play(role: Role) -> anyhow::Result<ExitCode> {
    let (location, rest) = Location::parse(env::args_os().skip(2))?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start a runtime")?;
    runtime.block_on(role(location, Parser::from_args(rest)))
}
