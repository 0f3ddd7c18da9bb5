//! What the sections print is recorded in files, so that a page is built without running anything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    slice,
};

use anyhow::{Context, Result, bail, ensure};
use async_kit::{
    parity::{self, Section},
    stage::{
        Recording,
        record_file::{self, Language, Run},
        svg,
    },
};

use crate::{
    asked,
    chapter::{Chapter, LIST},
    record::{self, Record},
    workspace::{Workspace, read},
};

/// Files, by their path.
type Files = BTreeMap<PathBuf, String>;

/// Writes the records and pictures of these chapters, or of all.
pub(crate) fn record(workspace: &Workspace, chapters: &[&str]) -> Result<()> {
    let chosen = workspace.chosen(chapters)?;
    build(&workspace.root, &chosen)?;
    for chapter in chosen {
        let files = runs(&workspace.root, chapter)?;
        for (path, text) in files.iter().filter(|file| !is_current(file)) {
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(path, text).with_context(|| path.display().to_string())?;
        }
        for path in stored(chapter)?.iter().filter(|path| !files.contains_key(*path)) {
            fs::remove_file(path)?;
        }
        println!("{}: {} files", chapter.package, files.len());
    }
    Ok(())
}

/// Fails if a recorded file is not what its section prints or draws today.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    build(&workspace.root, &workspace.chapters.iter().collect::<Vec<_>>())?;
    let mut outdated = Vec::new();
    let mut count = 0;
    for chapter in &workspace.chapters {
        let files = runs(&workspace.root, chapter)?;
        count += files.len();
        let differs = files.iter().filter(|file| !is_current(file));
        outdated.extend(differs.map(|(path, _)| path.clone()));
        outdated.extend(
            stored(chapter)?.into_iter().filter(|path| !files.contains_key(path)),
        );
    }
    let list: String =
        outdated.iter().map(|path| format!("\n{}", path.display())).collect();
    ensure!(
        outdated.is_empty(),
        "outdated: run `just runs`, and look at the changes{list}"
    );
    println!("{count} recorded files are what the sections print today");
    Ok(())
}

/// Whether this is stored already.
fn is_current((path, text): &(&PathBuf, &String)) -> bool {
    let Ok(stored) = read(path) else { return false };
    match path.extension().is_some_and(|it| it == "json") {
        true => record::is_same(&stored, text),
        false => stored == **text,
    }
}

fn build(root: &Path, chapters: &[&Chapter]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["build", "--quiet"]);
    chapters.iter().for_each(|chapter| {
        command.args(["-p", &chapter.package]);
    });
    ensure!(command.status().context("cargo")?.success(), "the chapters do not compile");
    Ok(())
}

/// What is stored of a chapter.
fn stored(chapter: &Chapter) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if chapter.runs.exists() {
        for entry in fs::read_dir(&chapter.runs)? {
            files.push(entry?.path());
        }
    }
    Ok(files)
}

/// What a chapter lists, records and draws today.
fn runs(root: &Path, chapter: &Chapter) -> Result<Files> {
    let binary = root.join("target/debug").join(&chapter.package);
    let list = output(&binary, &["--list", "--plain"])?;
    let sections = parity::sections(&list).map_err(anyhow::Error::msg)?;
    let pure: Vec<_> = sections.iter().filter(|section| section.pure).collect();
    let mut files = Files::from([(chapter.runs.join(LIST), list)]);
    let folder = binary.with_extension("runs");
    for (section, twin) in pure.iter().zip(twins(root, chapter, &pure)?) {
        let name = &section.name;
        let (record, picture) = run(&binary, &folder, name)?;
        let lines = Record::parse(&record)?.lines;
        files.insert(chapter.record(name), record);
        files.extend(picture.map(|picture| (chapter.picture(name), picture)));
        let record = record_file::render(
            &chapter.package,
            Language::Python,
            slice::from_ref(&twin),
        );
        if Record::parse(&record)?.lines != lines {
            let title = format!("{name} in asyncio: {}", section.claim);
            let picture = svg::render(&twin.recording, &title);
            files.insert(chapter.own_picture_of_twin(name), picture);
        }
        files.insert(chapter.record_of_twin(name), record);
    }
    fs::remove_dir_all(&folder)?;
    files.extend(asked::records(root, chapter, &sections, &binary)?);
    Ok(files)
}

/// Runs a section, and returns its record, and its picture if that shows a lane.
fn run(binary: &Path, folder: &Path, section: &str) -> Result<(String, Option<String>)> {
    fs::create_dir_all(folder)?;
    let [record, picture] =
        ["json", "svg"].map(|end| folder.join(section).with_extension(end));
    let word =
        |path: &Path| path.to_str().map(str::to_owned).context("the path is UTF-8");
    let (drawn, written) = (word(folder)?, word(&record)?);
    output(
        binary,
        &["--fast", "--plain", section, "--svg", &drawn, "--record", &written],
    )?;
    let picture = Some(read(&picture)?).filter(|it| it.contains("class=\"name\""));
    Ok((read(&record)?, picture))
}

/// The runs of the twins of these sections.
fn twins(root: &Path, chapter: &Chapter, sections: &[&Section]) -> Result<Vec<Run>> {
    let files = sections.iter().filter_map(|section| chapter.twin(section));
    let files: Vec<_> = files.map(|file| format!("{}/{file}", chapter.path)).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let recordings =
        parity::recordings(root, &files).context("there is no usable python3")?;
    let recordings = recordings.map_err(anyhow::Error::msg)?;
    let run = |(section, recording): (&&Section, Recording)| Run {
        section: section.name.clone(),
        claim: section.claim.clone(),
        is_virtual: true,
        failure: None,
        recording,
    };
    Ok(sections.iter().zip(recordings).map(run).collect())
}

pub(crate) fn output(binary: &Path, arguments: &[&str]) -> Result<String> {
    let ran = Command::new(binary).args(arguments).output();
    let ran = ran.with_context(|| binary.display().to_string())?;
    if !ran.status.success() {
        let why = String::from_utf8_lossy(&ran.stderr);
        bail!("{} {}: {why}", binary.display(), arguments.join(" "));
    }
    Ok(String::from_utf8(ran.stdout)?)
}
