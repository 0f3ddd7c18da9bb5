//! For each question of the book a run with its setting is recorded.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    chapter::Chapter,
    question::{Part, Question, parts},
    workspace::read,
};

/// The recorded run of a section with this setting.
pub(crate) fn path(chapter: &Chapter, section: &str, setting: &str) -> PathBuf {
    let at = if setting.is_empty() { "" } else { "@" };
    chapter.runs.join(format!("{section}{at}{setting}.json"))
}

/// The runs of this chapter about which a page asks, under the paths where they are stored.
pub(crate) fn records(
    root: &Path,
    chapter: &Chapter,
    binary: &Path,
) -> Result<Vec<(PathBuf, String)>> {
    let file = binary.with_extension("asked.json");
    let record = |(section, setting): &(String, String)| {
        let mut command = Command::new(binary);
        command.args(["--fast", "--plain", section, "--record"]).arg(&file);
        let settings = setting.split(',').filter(|it| !it.is_empty());
        for setting in settings {
            command.args(["--set", setting]);
        }
        // A run that fails is recorded too.
        let ran = command.output().with_context(|| binary.display().to_string())?;
        let why = String::from_utf8_lossy(&ran.stderr);
        let record =
            read(&file).with_context(|| format!("{section} {setting}: {why}"))?;
        fs::remove_file(&file)?;
        Ok((path(chapter, section, setting), record))
    };
    // The runs at the defaults are recorded anyway.
    let wanted = wanted(root, chapter)?;
    wanted.iter().filter(|(_, setting)| !setting.is_empty()).map(record).collect()
}

/// The sections and settings about which a page asks.
fn wanted(root: &Path, chapter: &Chapter) -> Result<BTreeSet<(String, String)>> {
    let mut wanted = BTreeSet::new();
    for entry in fs::read_dir(root.join("docs/src"))? {
        let page = entry?.path();
        if page.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = read(&page)?;
        for part in parts(&text) {
            let Part::Block(number, lines) = part else { continue };
            let place = || format!("{}:{number}", page.display());
            let question = Question::parse(&lines).with_context(place)?;
            let own = page.file_name().is_some_and(|it| it == chapter.page.as_str());
            let is_about_it =
                question.chapter.as_ref().map_or(own, |it| *it == chapter.package);
            if is_about_it {
                ensure!(
                    chapter.section(&question.section).is_some_and(|it| it.pure),
                    "{}: {} has no pure section {}",
                    place(),
                    chapter.package,
                    question.section
                );
                wanted.insert((question.section.clone(), question.setting()));
            }
        }
    }
    Ok(wanted)
}
