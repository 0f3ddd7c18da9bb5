//! The command line: `workshop verify PACK [EXERCISE…]`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::{
    check, class_report, fingerprints,
    pack::{Pack, entries},
    tables::Page,
    transcripts,
    verify::verify,
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
        ["verify", pack, ..] => verify(&PathBuf::from(pack), &words[2..]),
        _ => bail!("no such command\n{HELP}"),
    }
}

/// The packs, in the order in which a learner goes through them.
const PACKS: [&str; 2] = ["workshop", "workshop-apps"];

/// The pages whose tables are computed: of the workshop, and of each chapter.
pub(crate) fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut pages = vec![root.join("crates/workshop/README.md")];
    pages.extend(entries(&root.join("docs/src"))?);
    pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
    pages.iter().map(|page| Page::read(page)).collect()
}

/// The packs of a workspace.
pub(crate) fn packs(root: &Path) -> Result<Vec<Pack>> {
    let packs = PACKS.map(|name| Pack::read(&root.join("crates").join(name)));
    packs.into_iter().collect()
}

fn tables(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    packs.iter().try_for_each(fingerprints::write)?;
    pages(root)?.iter().try_for_each(|page| page.write(&packs))
}

fn check(root: &Path) -> Result<()> {
    let packs = packs(root)?;
    let mut problems = check::problems(root, &packs, &pages(root)?)?;
    for pack in &packs {
        let outdated =
            transcripts::outdated(pack)?.context("there is no usable python3")?;
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
