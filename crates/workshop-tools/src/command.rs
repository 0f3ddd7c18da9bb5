//! The command line: `workshop verify PACK [EXERCISE…]`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};

use crate::verify::verify;

const HELP: &str = "\
workshop verify PACK [EXERCISE…]   check every answer: right ones pass, wrong ones are refused
";

/// Does what the command line asks for.
pub(crate) fn run() -> Result<()> {
    let mut words = Vec::<String>::new();
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(word) => words.push(word.string()?),
            Arg::Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["verify", pack, ..] => verify(&PathBuf::from(pack), &words[2..]),
        _ => bail!("no such command\n{HELP}"),
    }
}
