//! The two programs lie side by side: a part of each in focus, the whole of each one click away.

use std::{collections::btree_map::Entry, fmt::Write, path::Path};

use anyhow::{Context, Result, ensure};
use async_kit::parity::Section;

use super::{Above, Panel};
use crate::{
    chapter::Chapter,
    differs::{self, Differs},
    listing::Listing,
    manifest,
    markup::{RUST, fence, tab},
    picture::Picture,
    program::{self, Program},
    record::Record,
    snippet,
    workspace::{Workspace, read},
};

/// The Tokio program.
pub(super) struct Rust {
    /// `None` if the whole file is in focus.
    focus: Option<Listing>,
    program: Program,
    dependencies: String,
    /// Its run; `None` for a section in real time, whose times differ from run to run.
    pub(super) record: Option<Record>,
}

/// The asyncio program.
pub(super) struct Python {
    focus: Option<Listing>,
    program: Listing,
    pub(super) record: Record,
    /// The timeline of its tasks, if it printed something else.
    pub(super) picture: Option<Picture>,
    pub(super) differs: Differs,
}

impl Rust {
    pub(super) fn read(
        workspace: &Workspace,
        chapter: &Chapter,
        section: &Section,
        code: &Listing,
        anchors: &[&str],
    ) -> Result<Self> {
        let focus = focus(code, &section.name, anchors)?;
        let program = Program::of(chapter, section, focuses_tests(code, anchors))?;
        let dependencies = manifest::dependencies(workspace, chapter, &program);
        let record = section.pure.then(|| stored(&chapter.record(&section.name)));
        let record = record.transpose()?;
        Ok(Self { focus, program, dependencies, record })
    }
}

impl Python {
    pub(super) fn read(
        chapter: &Chapter,
        section: &Section,
        code: &Listing,
        anchors: &[&str],
    ) -> Result<Self> {
        let name = &section.name;
        let focus = focus(code, name, anchors)?;
        let differs = chapter.folder.join(format!("asyncio/{name}.differs"));
        let differs = match differs.is_file() {
            true => differs::parse(&read(&differs)?),
            false => Differs::default(),
        };
        let record = stored(&chapter.record_of_twin(name))?;
        let picture = Picture::of(&chapter.own_picture_of_twin(name))?;
        Ok(Self { focus, program: program::twin(code), record, picture, differs })
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
        let language = self.id("language");
        let whole = python.program.fence("python");
        let asyncio = self.program("asyncio", "python", python.focus.as_ref(), &whole);
        format!(
            "<div class=\"programs\" role=\"group\" aria-label=\"The two programs\">\n{}{}\n\n\
             <div class=\"program\"><p class=\"language\">asyncio</p>\n\n{asyncio}\n</div>\n\n\
             <div class=\"program\"><p class=\"language\">Tokio</p>\n\n{tokio}\n</div>\n</div>",
            tab(&language, &self.id("asyncio"), "asyncio", true),
            tab(&language, &self.id("tokio"), "Tokio", false),
        )
    }

    fn tokio(&self, above: &mut Above) -> String {
        let Rust { focus, program, dependencies, .. } = &self.rust;
        let mut whole = file("src/main.rs", &program.main);
        for (path, code) in &program.others {
            whole += &self.other_file(path, code, above);
        }
        let manifest = format!("[dependencies]\n{dependencies}");
        let _ = write!(
            whole,
            "<p class=\"file\"><code>Cargo.toml</code>: replace its \
             <code>[dependencies]</code></p>\n\n{}\n",
            fence("toml", &manifest)
        );
        self.program("tokio", RUST, focus.as_ref(), &whole)
    }

    /// A file beside the section's own: a program above may have shown it.
    fn other_file(&self, path: &str, code: &Listing, above: &mut Above) -> String {
        match above.files.entry((path.to_owned(), code.text())) {
            Entry::Occupied(shown) => format!(
                "<p class=\"file\"><code>{path}</code>, <a href=\"#{}\">as above</a></p>\n\n",
                shown.get()
            ),
            Entry::Vacant(free) => {
                let id = free.insert(self.id(&path.replace('/', "-")));
                format!("<div id=\"{id}\">\n\n{}\n</div>\n\n", file(path, code))
            }
        }
    }

    fn program(
        &self,
        side: &str,
        language: &str,
        focus: Option<&Listing>,
        whole: &str,
    ) -> String {
        let id = self.id(&format!("{side}-program"));
        match focus {
            None => format!("<div id=\"{id}\">\n\n{whole}\n</div>\n"),
            Some(focus) => format!(
                "{}\n<details id=\"{id}\"><summary>Whole program</summary>\n\n{whole}\n</details>\n",
                focus.fence(language)
            ),
        }
    }
}

fn file(path: &str, code: &Listing) -> String {
    format!("<p class=\"file\"><code>{path}</code></p>\n\n{}\n", code.fence(RUST))
}

fn stored(path: &Path) -> Result<Record> {
    Record::parse(&read(path)?).with_context(|| path.display().to_string())
}

/// Whether one of the anchors lies in the tests of a file.
fn focuses_tests(code: &Listing, anchors: &[&str]) -> bool {
    let mut is_below = false;
    let tests = code.filtered(|line| {
        is_below |= line.contains("#[cfg(test)]");
        is_below
    });
    snippet::anchors(&tests).iter().any(|anchor| anchors.contains(anchor))
}

/// The part of a program in focus: those of `anchors` that it has, or the part with the section's
/// name, or its only part. A program without parts is in focus as a whole.
fn focus(program: &Listing, section: &str, anchors: &[&str]) -> Result<Option<Listing>> {
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
        let focus = |program: &str, anchors: &[&str]| {
            let focus = focus(&Listing::of("a.rs", program), "b", anchors);
            focus.map(|focus| focus.map(|it| it.text()))
        };
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
        let code = Listing::of("a.rs", code);
        assert!(focuses_tests(&code, &["b"]) && !focuses_tests(&code, &["a"]));
    }
}
