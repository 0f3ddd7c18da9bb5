//! The command line: `workshop verify PACK [EXERCISE…]`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::{check, class_report, pack::Pack, path, transcripts, verify::verify};

const HELP: &str = "\
workshop check ROOT                compare the lists, the files, the chapters and the book
workshop verify PACK [EXERCISE…]   check every answer: right ones pass, wrong ones are refused
workshop tables ROOT               write the tables of the README and the book
workshop report PACK FOLDER…       who solved what, as a table and as JSON
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
        ["tables", root] => tables(Path::new(root)),
        ["report", pack, ..] => class_report::print(Path::new(pack), &words[2..]),
        ["transcripts", pack] => transcripts::write(Path::new(pack)),
        ["verify", pack, ..] => verify(&PathBuf::from(pack), &words[2..]),
        _ => bail!("no such command\n{HELP}"),
    }
}

/// The packs, in the order in which a learner goes through them.
const PACKS: [&str; 2] = ["workshop", "workshop-apps"];

/// The pages with tables that are computed.
const PAGES: [&str; 3] =
    ["crates/workshop/README.md", "docs/src/workshop.md", "docs/src/teaching.md"];

fn packs(root: &Path) -> Result<Vec<Pack>> {
    let packs = PACKS.map(|name| Pack::read(&root.join("crates").join(name)));
    packs.into_iter().collect()
}

fn tables(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    PAGES.iter().try_for_each(|page| path::write(&root.join(page), &packs))
}

fn check(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    let mut problems = check::problems(root, &packs)?;
    for pack in &packs {
        let outdated = transcripts::outdated(pack)?.unwrap_or_default();
        problems
            .extend(outdated.iter().map(|path| format!("{}: outdated", path.display())));
    }
    for page in PAGES {
        if !path::is_current(&root.join(page), &packs)? {
            problems.push(format!(
                "{page}: its tables are not those of today: `just tables`"
            ));
        }
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    let exercises: usize = packs.iter().map(|pack| pack.exercises.len()).sum();
    println!("{exercises} exercises in {} packs", packs.len());
    ensure!(problems.is_empty(), "{} problems", problems.len());
    Ok(())
}
