//! A command that is misspelt, or lacks an argument, is refused with the list of all commands.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::{
    check, class_report, fingerprints, transcripts,
    verify::verify,
    workspace::{packs, pages},
};

const HELP: &str = "\
workshop check ROOT                compare the lists, the files, the chapters and the book
workshop verify PACK [EXERCISE…]   check every answer: right ones pass, wrong ones are refused
workshop tables ROOT               write the tables of the pages, and the fingerprints
workshop report ROOT FOLDER…       which learner solved which exercise; with --json, as JSON
workshop transcripts PACK          write what the asyncio programs print
";

/// Does what the command line asks for.
pub(crate) fn run() -> Result<()> {
    let mut words = Vec::<String>::new();
    let mut json = false;
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(word) => words.push(word.string()?),
            Arg::Long("json") => json = true,
            Arg::Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    ensure!(
        !json || words.first().is_some_and(|it| it == "report"),
        "only `report` has --json"
    );
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check", root] => check(Path::new(root)),
        ["tables", root] => tables(Path::new(root)),
        ["report", root, ..] => {
            class_report::print(&packs(Path::new(root))?, &words[2..], json)
        }
        ["transcripts", pack] => transcripts::write(Path::new(pack)),
        ["verify", pack, ..] => verify(Path::new(pack), &words[2..]),
        _ => bail!("unknown command, or a missing argument\n{HELP}"),
    }
}

fn tables(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    packs.iter().try_for_each(fingerprints::write)?;
    pages(root)?.iter().try_for_each(|page| page.write(&packs))
}

fn check(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    // Printed before the asyncio programs run: one that fails, and a missing Python, end the command.
    let mut problems = print(&check::problems(root, &packs, &pages(root)?)?);
    for pack in &packs {
        problems += print(&transcripts::problems(pack)?);
    }
    let exercises: usize = packs.iter().map(|pack| pack.exercises.len()).sum();
    println!("{exercises} exercises in {} packs", packs.len());
    ensure!(problems == 0, "{problems} problems");
    Ok(())
}

/// Prints a line for each problem, and returns how many there are.
fn print(problems: &[String]) -> usize {
    for problem in problems {
        eprintln!("{problem}");
    }
    problems.len()
}
