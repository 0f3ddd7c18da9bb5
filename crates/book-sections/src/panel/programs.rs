//! The two programs lie side by side: a part of each in focus, the whole of each one click away.

use std::{collections::btree_map::Entry, fmt::Write};

use anyhow::{Result, ensure};
use async_kit::parity::Section;

use super::{Above, Panel};
use crate::{
    chapter::Chapter,
    differs::{self, Differs},
    manifest,
    markup::fence,
    picture::Picture,
    program::{self, Program},
    snippet,
    transcript::{self, Line},
    workspace::{Workspace, read},
};

/// The Tokio program.
pub(super) struct Rust {
    /// `None` if the whole file is in focus.
    focus: Option<String>,
    program: Program,
    dependencies: String,
    /// What it printed; nothing for a section in real time, whose times differ from run to run.
    pub(super) lines: Vec<Line>,
}

/// The asyncio program.
pub(super) struct Python {
    focus: Option<String>,
    program: String,
    /// What it printed, if that is not what the Tokio program printed.
    pub(super) lines: Option<Vec<Line>>,
    /// The timeline of its tasks, if it printed something else.
    pub(super) picture: Option<Picture>,
    pub(super) differs: Differs,
}

impl Rust {
    pub(super) fn read(
        workspace: &Workspace,
        chapter: &Chapter,
        section: &Section,
        code: &str,
        anchors: &[&str],
    ) -> Result<Self> {
        let focus = focus(code, &section.name, anchors)?;
        let program = Program::of(chapter, section, focuses_tests(code, anchors))?;
        let dependencies = manifest::dependencies(workspace, chapter, &program);
        let lines = match section.pure {
            true => transcript::parse(&read(&chapter.run(&section.name))?),
            false => Vec::new(),
        };
        Ok(Self { focus, program, dependencies, lines })
    }
}

impl Python {
    pub(super) fn read(
        chapter: &Chapter,
        section: &Section,
        text: &str,
        anchors: &[&str],
    ) -> Result<Self> {
        let name = &section.name;
        let focus = focus(text, name, anchors)?;
        let differs = chapter.folder.join(format!("asyncio/{name}.differs"));
        let differs = match differs.is_file() {
            true => differs::parse(&read(&differs)?),
            false => Differs::default(),
        };
        let own = chapter.own_run_of_twin(name);
        let lines = match own.is_file() {
            true => Some(transcript::parse(&read(&own)?)),
            false => None,
        };
        let picture = Picture::of(&chapter.own_picture_of_twin(name))?;
        Ok(Self { focus, program: program::twin(text), lines, picture, differs })
    }
}

impl Panel<'_> {
    /// Both programs; the tabs are for a narrow window.
    pub(super) fn programs(&self, above: &mut Above) -> String {
        let tokio = self.tokio(above);
        let Some(python) = &self.python else {
            return format!(
                "<div class=\"programs single\">\n\n<div class=\"program\">\n\n{tokio}\n</div>\n</div>"
            );
        };
        let whole = fence("python", &python.program);
        let asyncio = self.program("asyncio", "python", python.focus.as_ref(), &whole);
        format!(
            "<div class=\"programs\" role=\"group\" aria-label=\"The two programs\">\n{}{}\n\n\
             <div class=\"program\"><p class=\"language\">asyncio</p>\n\n{asyncio}\n</div>\n\n\
             <div class=\"program\"><p class=\"language\">Tokio</p>\n\n{tokio}\n</div>\n</div>",
            self.tab("asyncio", " checked"),
            self.tab("Tokio", ""),
        )
    }

    fn tab(&self, side: &str, checked: &str) -> String {
        let id = self.id(&side.to_lowercase());
        format!(
            "<input type=\"radio\" name=\"{}\" id=\"{id}\"{checked}>\
             <label for=\"{id}\">{side}</label>",
            self.id("language")
        )
    }

    fn tokio(&self, above: &mut Above) -> String {
        let Rust { focus, program, dependencies, .. } = &self.rust;
        let mut whole = file("src/main.rs", &program.main);
        for (path, text) in &program.others {
            whole += &self.other_file(path, text, above);
        }
        let manifest = format!("[dependencies]\n{dependencies}");
        let _ = write!(
            whole,
            "<p class=\"file\"><code>Cargo.toml</code>, of a crate beside the folder of this \
             project</p>\n\n{}\n",
            fence("toml", &manifest)
        );
        self.program("tokio", RUST, focus.as_ref(), &whole)
    }

    /// A file beside the section's own: a program above may have shown it.
    fn other_file(&self, path: &str, text: &str, above: &mut Above) -> String {
        match above.files.entry((path.to_owned(), text.to_owned())) {
            Entry::Occupied(shown) => format!(
                "<p class=\"file\"><code>{path}</code>, <a href=\"#{}\">as above</a></p>\n\n",
                shown.get()
            ),
            Entry::Vacant(free) => {
                let id = free.insert(self.id(&path.replace('/', "-")));
                format!("<div id=\"{id}\">\n\n{}\n</div>\n\n", file(path, text))
            }
        }
    }

    fn program(
        &self,
        side: &str,
        language: &str,
        focus: Option<&String>,
        whole: &str,
    ) -> String {
        let id = self.id(&format!("{side}-program"));
        match focus {
            None => format!("<div id=\"{id}\">\n\n{whole}\n</div>\n"),
            Some(focus) => format!(
                "{}\n<details id=\"{id}\"><summary>Whole program</summary>\n\n{whole}\n</details>\n",
                fence(language, focus)
            ),
        }
    }
}

const RUST: &str = "rust,noplayground";

fn file(path: &str, text: &str) -> String {
    format!("<p class=\"file\"><code>{path}</code></p>\n\n{}\n", fence(RUST, text))
}

/// Whether one of the anchors lies in the tests of a file.
fn focuses_tests(code: &str, anchors: &[&str]) -> bool {
    let tests = code.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests);
    snippet::anchors(tests).iter().any(|anchor| anchors.contains(anchor))
}

/// The part of a program in focus: those of `anchors` that it has, or the part with the section's
/// name, or its only part. A program without parts is in focus as a whole.
fn focus(program: &str, section: &str, anchors: &[&str]) -> Result<Option<String>> {
    let known = snippet::anchors(program);
    let mut chosen: Vec<_> =
        anchors.iter().filter(|anchor| known.contains(anchor)).copied().collect();
    if chosen.is_empty() {
        match known[..] {
            [] => return Ok(None),
            [only] => chosen.push(only),
            _ => {
                let list = known.join(" ");
                ensure!(known.contains(&section), "name the parts in focus, of {list}");
                chosen.push(section);
            }
        }
    }
    snippet::parts(program, &chosen).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_in_focus_is_named_or_has_the_name_of_the_section_or_is_the_only_one() {
        let part =
            |name| format!("// ANCHOR: {name}\n{name}();\n// ANCHOR_END: {name}\n");
        let focus = |program: &str, anchors: &[&str]| focus(program, "b", anchors);
        let two = part("a") + &part("b");
        assert_eq!(focus(&two, &[]).expect("a focus").as_deref(), Some("b();\n"));
        assert_eq!(focus(&two, &["a", "c"]).expect("a focus").as_deref(), Some("a();\n"));
        assert_eq!(focus(&part("a"), &[]).expect("a focus").as_deref(), Some("a();\n"));
        assert_eq!(focus("a();\n", &[]).expect("a focus"), None);
        let error = focus(&(part("a") + &part("c")), &[]).expect_err("no focus");
        assert_eq!(error.to_string(), "name the parts in focus, of a c");
    }

    #[test]
    fn tests_are_shown_if_one_of_their_parts_is_in_focus() {
        let code = "// ANCHOR: a\n#[cfg(test)]\nmod tests {\n    // ANCHOR: b\n}\n";
        assert!(focuses_tests(code, &["b"]) && !focuses_tests(code, &["a"]));
    }
}
