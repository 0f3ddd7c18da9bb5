//! Each program that the book shows compiles in an empty crate and prints what the book shows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use async_kit::parity::{self, Section};

use crate::{
    chapter::Chapter,
    manifest::{self, PROJECT},
    program::{self, Program},
    record::Record,
    runs::output,
    transcript::{self, Line},
    workspace::{Workspace, read},
};

/// Copies the program of each pure section into an empty crate, builds and runs it, and runs the
/// asyncio program beside it.
pub(crate) fn check(workspace: &Workspace, chapters: &[&str]) -> Result<()> {
    let chapters = workspace.chosen(chapters)?;
    let folder = workspace.root.join("target/programs");
    fs::create_dir_all(&folder)?;
    // The versions with which the chapters were tested.
    fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut wrong = Vec::new();
    for chapter in chapters {
        let copies = copies(workspace, chapter, &folder)?;
        build(&folder, &copies)?;
        for copy in &copies {
            wrong.extend(copy.problem(&folder, chapter)?);
        }
        wrong.extend(wrong_twins(chapter, &folder)?);
        println!("{}: {} programs", chapter.package, copies.len());
    }
    ensure!(
        wrong.is_empty(),
        "a program does not print what the book shows: {}",
        wrong.join(", ")
    );
    Ok(())
}

/// A program in a crate of its own.
struct Copy<'a> {
    section: &'a Section,
    package: String,
}

fn copies<'a>(
    workspace: &Workspace,
    chapter: &'a Chapter,
    folder: &Path,
) -> Result<Vec<Copy<'a>>> {
    let mut copies = Vec::new();
    for section in pure(chapter) {
        let package = format!("{}-{}", chapter.package, section.name);
        let program = Program::of(chapter, section, false)?;
        let lines = manifest::dependencies(workspace, chapter, &program);
        let root = workspace.root.to_str().context("the path is UTF-8")?;
        let lines = lines.replace(PROJECT, root);
        let own = folder.join(&package);
        // Nothing of an earlier program may help this one.
        if own.exists() {
            fs::remove_dir_all(&own)?;
        }
        // A helper of several sections has functions that this one does not use.
        let manifest = format!(
            "[package]\nname = {package:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lints.rust]\nunused = \"allow\"\n\n[dependencies]\n{lines}"
        );
        write(&own.join("Cargo.toml"), &manifest)?;
        write(&own.join("src/main.rs"), &program.main.text())?;
        for (path, code) in &program.others {
            write(&own.join(path), &code.text())?;
        }
        copies.push(Copy { section, package });
    }
    Ok(copies)
}

fn pure(chapter: &Chapter) -> impl Iterator<Item = &Section> {
    chapter.sections.iter().filter(|section| section.pure)
}

/// The programs of one chapter at a time: Cargo unites the features of a workspace.
fn build(folder: &Path, copies: &[Copy<'_>]) -> Result<()> {
    let members: Vec<_> = copies.iter().map(|copy| copy.package.as_str()).collect();
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.dev]\ndebug = false\n"
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    let build = Command::new("cargo")
        .current_dir(folder)
        .args(["build", "--offline", "--quiet", "--workspace", "--target-dir", "target"])
        .status();
    ensure!(
        build.context("cargo")?.success(),
        "a program does not compile in an empty crate"
    );
    Ok(())
}

impl Copy<'_> {
    /// The program, if it prints something else than the book shows.
    fn problem(&self, folder: &Path, chapter: &Chapter) -> Result<Option<String>> {
        let binary = folder.join("target/debug").join(&self.package);
        let printed = transcript::parse(&output(&binary, &["--fast", "--plain"])?);
        let shown = lines(&chapter.record(&self.section.name))?;
        Ok((printed != shown).then(|| self.package.clone()))
    }
}

/// The asyncio programs that print something else than the book shows.
fn wrong_twins(chapter: &Chapter, folder: &Path) -> Result<Vec<String>> {
    let (mut twins, mut shown) = (Vec::<PathBuf>::new(), Vec::new());
    for section in pure(chapter) {
        let path = format!("asyncio/{}/{}.py", chapter.package, section.name);
        let twin = chapter.twin(section).context("a pure section has a twin")?;
        twins.push(folder.join(path));
        let twin = program::twin(&chapter.listing(&twin)?);
        write(&twins[twins.len() - 1], &twin.text())?;
        shown.push(lines(&chapter.record_of_twin(&section.name))?);
    }
    let printed = parity::transcripts(&twins).context("there is no usable python3")?;
    let printed = printed.map_err(anyhow::Error::msg)?;
    let sides = twins.iter().zip(printed.iter().zip(&shown));
    let wrong =
        sides.filter(|(_, (printed, shown))| transcript::parse(printed) != **shown);
    Ok(wrong.map(|(twin, _)| twin.display().to_string()).collect())
}

/// The lines that the book shows of this record.
fn lines(record: &Path) -> Result<Vec<Line>> {
    Ok(Record::parse(&read(record)?)?.lines)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
    fs::write(path, text).with_context(|| path.display().to_string())
}
