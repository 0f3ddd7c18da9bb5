//! The command line: `workshop verify PACK [EXERCISE…]`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::{check, pack::Pack, transcripts, verify::verify};

const HELP: &str = "\
workshop check ROOT                compare the lists, the files, the chapters and the book
workshop verify PACK [EXERCISE…]   check every answer: right ones pass, wrong ones are refused
workshop transcripts PACK          write what the asyncio programs print
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
        ["check", root] => check(Path::new(root)),
        ["transcripts", pack] => transcripts::write(Path::new(pack)),
        ["verify", pack, ..] => verify(&PathBuf::from(pack), &words[2..]),
        _ => bail!("no such command\n{HELP}"),
    }
}

/// The packs, in the order in which a learner goes through them.
const PACKS: [&str; 2] = ["workshop", "workshop-apps"];

fn check(root: &Path) -> Result<()> {
    let packs = PACKS.map(|name| Pack::read(&root.join("crates").join(name)));
    let packs: Vec<_> = packs.into_iter().collect::<Result<_>>()?;
    let mut problems = check::problems(root, &packs)?;
    for pack in &packs {
        let outdated = transcripts::outdated(pack)?.unwrap_or_default();
        problems
            .extend(outdated.iter().map(|path| format!("{}: outdated", path.display())));
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    let exercises: usize = packs.iter().map(|pack| pack.exercises.len()).sum();
    println!("{exercises} exercises in {} packs", packs.len());
    ensure!(problems.is_empty(), "{} problems", problems.len());
    Ok(())
}
