//! For each question of the book a run with its setting is recorded.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use async_kit::parity::Section;

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

/// The runs of this chapter about which a page asks, under the paths where they are stored. `sections` are
/// those that the chapter has today.
pub(crate) fn records(
    root: &Path,
    chapter: &Chapter,
    sections: &[Section],
    binary: &Path,
) -> Result<Vec<(PathBuf, String)>> {
    let file = binary.with_extension("asked.json");
    let record = |(section, setting): &(String, String)| {
        let mut command = Command::new(binary);
        command.args(["--fast", "--plain", section, "--record"]).arg(&file);
        for setting in setting.split(',') {
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
    let wanted = wanted(root, chapter, sections)?;
    wanted.iter().filter(|(_, setting)| !setting.is_empty()).map(record).collect()
}

/// The sections and settings about which a page asks.
fn wanted(
    root: &Path,
    chapter: &Chapter,
    sections: &[Section],
) -> Result<BTreeSet<(String, String)>> {
    let mut wanted = BTreeSet::new();
    for entry in fs::read_dir(root.join("docs/src"))? {
        let page = entry?.path();
        if page.extension().is_none_or(|it| it != "md") {
            continue;
        }
        for (number, question) in questions(&page)? {
            let Question { section, chapter: named, .. } = &question;
            let is_own = page.file_name().is_some_and(|it| it == chapter.page.as_str());
            if !named.as_ref().map_or(is_own, |it| *it == chapter.package) {
                continue;
            }
            ensure!(
                sections.iter().any(|it| it.pure && it.name == *section),
                "{}:{number}: {} has no pure section {section}",
                page.display(),
                chapter.package
            );
            wanted.insert((section.clone(), question.setting()));
        }
    }
    Ok(wanted)
}

/// The questions of a page, with the numbers of their first lines.
fn questions(page: &Path) -> Result<Vec<(usize, Question)>> {
    let text = read(page)?;
    let mut questions = Vec::new();
    for part in parts(&text) {
        if let Part::Block(number, lines) = part {
            let question = Question::parse(&lines);
            let place = || format!("{}:{number}", page.display());
            questions.push((number, question.with_context(place)?));
        }
    }
    Ok(questions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Workspace, fixture};

    /// What two pages ask about the chapter `queues`.
    fn asked(own: &str, other: &str) -> Result<Vec<(String, String)>> {
        let list = "section\twait\tpure\tit waits\ncode\tsrc/wait.rs\n\
                    section\treal\treal-time\tit is real\ncode\tsrc/real.rs\n";
        let folder = fixture::with(&[
            ("docs/runs/queues/sections.tsv", list),
            ("docs/src/05-queues.md", own),
            ("docs/src/index.md", other),
        ]);
        let workspace = Workspace::open(folder.path())?;
        let chapter = &workspace.chapters[0];
        Ok(wanted(&workspace.root, chapter, &chapter.sections)?.into_iter().collect())
    }

    fn question(head: &str) -> String {
        format!(
            "{{{{#predict {head}\nask: When?\nanswer: end\nbecause: So.\n\
             not: never | No.\nnot: soon | No.\n}}}}\n"
        )
    }

    #[test]
    fn a_setting_is_recorded_once_for_all_pages_that_ask_about_it() {
        let own = question("wait n=1 m=2") + &question("wait") + &question("tasks/wait");
        let other = question("queues/wait n=1 m=2") + &question("queues/wait n=3");
        let asked = asked(&own, &other).expect("good pages");
        let settings: Vec<_> =
            asked.iter().map(|(_, setting)| setting.as_str()).collect();
        assert_eq!(settings, ["", "n=1,m=2", "n=3"]);
    }

    #[test]
    fn a_section_that_cannot_be_recorded_is_named_with_its_page_and_line() {
        for head in ["late n=1", "real"] {
            let error = asked(&format!("\n{}", question(head)), "").expect_err(head);
            let name = head.split(' ').next().expect("a name");
            let end = format!("05-queues.md:2: queues has no pure section {name}");
            assert!(error.to_string().ends_with(&end), "{error}");
        }
    }
}
