//! What the sections print is recorded in files, so that a page is built without running anything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use async_kit::{
    parity::{self, Section},
    stage::svg,
};

use crate::{
    chapter::{Chapter, LIST},
    workspace::{Workspace, read},
};

/// Files, by their path.
type Files = BTreeMap<PathBuf, String>;

/// Writes the runs and pictures of these chapters, or of all.
pub(crate) fn record(workspace: &Workspace, chapters: &[&str]) -> Result<()> {
    let chosen = workspace.chosen(chapters)?;
    build(&workspace.root, &chosen)?;
    for chapter in chosen {
        let files = runs(&workspace.root, chapter)?;
        for (path, text) in &files {
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
        let differs =
            |(path, text): &(&PathBuf, &String)| !read(path).is_ok_and(|it| it == **text);
        outdated.extend(files.iter().filter(differs).map(|(path, _)| path.clone()));
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

/// What a chapter lists, prints and draws today.
fn runs(root: &Path, chapter: &Chapter) -> Result<Files> {
    let binary = root.join("target/debug").join(&chapter.package);
    let list = output(&binary, &["--list", "--plain"])?;
    let sections = parity::sections(&list).map_err(anyhow::Error::msg)?;
    let pure: Vec<_> = sections.iter().filter(|section| section.pure).collect();
    let twins: Vec<_> = pure.iter().filter_map(|section| chapter.twin(section)).collect();
    let twins = parity::transcripts(&twins).context("there is no usable python3")?;
    let twins = twins.map_err(anyhow::Error::msg)?;
    let mut files = Files::from([(chapter.runs.join(LIST), list)]);
    let mut others = Vec::new();
    for (section, twin) in pure.iter().zip(twins) {
        let name = &section.name;
        let rust = said(&output(&binary, &["--fast", "--plain", name])?);
        if rust != twin {
            files.insert(chapter.own_run_of_twin(name), twin);
            others.push(*section);
        }
        files.insert(chapter.run(name), rust);
    }
    files.append(&mut pictures_of_twins(chapter, &others)?);
    files.append(&mut pictures(&binary, &pure, chapter)?);
    Ok(files)
}

/// The timelines of twins that print something else than their sections.
fn pictures_of_twins(chapter: &Chapter, sections: &[&Section]) -> Result<Files> {
    let twins: Vec<_> = sections.iter().filter_map(|it| chapter.twin(it)).collect();
    let recordings = parity::recordings(&twins).context("there is no usable python3")?;
    let recordings = recordings.map_err(anyhow::Error::msg)?;
    let pictures = sections.iter().zip(recordings).map(|(section, recording)| {
        let title = format!("{} in asyncio: {}", section.name, section.claim);
        let picture = without_places(&svg::render(&recording, &title));
        (chapter.own_picture_of_twin(&section.name), picture)
    });
    Ok(pictures.collect())
}

/// A picture whose lanes were made in Python: the places that it names are not theirs.
fn without_places(picture: &str) -> String {
    let place = |line: &str| match line.split_once(", made at ") {
        Some((before, after)) if line.starts_with("<text class=\"name\"") => {
            let end = after.find('<').unwrap_or(after.len());
            format!("{before}{}\n", &after[end..])
        }
        _ => format!("{line}\n"),
    };
    picture.lines().map(place).collect()
}

/// The pictures of these sections that show a lane, under the paths where they are stored.
fn pictures(binary: &Path, sections: &[&Section], chapter: &Chapter) -> Result<Files> {
    let folder = binary.with_extension("pictures");
    let drawn = folder.to_str().context("the path is UTF-8")?;
    let mut arguments = vec!["--fast", "--timeline", "never", "--svg", drawn];
    arguments.extend(sections.iter().map(|section| section.name.as_str()));
    output(binary, &arguments)?;
    let mut files = Files::new();
    for Section { name, .. } in sections {
        let picture = read(&folder.join(format!("{name}.svg")))?;
        if picture.contains("class=\"name\"") {
            files.insert(chapter.picture(name), picture);
        }
    }
    fs::remove_dir_all(&folder)?;
    Ok(files)
}

/// The lines of a run, without the heading and the empty lines.
pub(crate) fn said(output: &str) -> String {
    let lines = output.lines().filter(|line| line.starts_with('['));
    lines.map(|line| format!("{line}\n")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_of_python_was_made_at_no_place_in_rust() {
        let lane = "<text class=\"name\" x=\"22\">a<title>a, made at src/b.rs:1:2</title></text>\n";
        let said = "<circle><title>10 ms: made at home, made at work</title></circle>\n";
        let kept = "<text class=\"name\" x=\"22\">a<title>a</title></text>\n";
        assert_eq!(without_places(&format!("{lane}{said}")), format!("{kept}{said}"));
    }

    #[test]
    fn a_run_is_recorded_without_its_heading() {
        let output = "wait   it waits\n\n[  0.010s] a\n[  0.020s] b\n\n";
        assert_eq!(said(output), "[  0.010s] a\n[  0.020s] b\n");
    }
}
