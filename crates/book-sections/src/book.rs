//! Every directive of the book becomes a panel, and everything that a page names exists.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use async_kit::parity::Section;
use mdbook_preprocessor::book::Book;

use crate::{
    chapter::Chapter,
    compiler, contents,
    directive::{self, Directive},
    listing::Listing,
    minutes,
    panel::{Above, Panel},
    predict, snippet,
    workspace::{Workspace, read},
};

/// Replaces every directive. The error lists everything that is wrong, each with its file and line.
pub(crate) fn fill(workspace: &Workspace, book: &mut Book) -> Result<()> {
    let mut problems = Vec::new();
    let (mut shown, mut errors) = (BTreeSet::new(), BTreeSet::new());
    let minutes = minutes::table(workspace, book);
    book.for_each_chapter_mut(|page| {
        let Some(path) = page.source_path.clone() else { return };
        page.content = predict::filled(workspace, &path, &page.content, &mut problems);
        if contents::are_missing(&page.content) {
            problems.push(format!(
                "docs/src/{}:1: this page has many sections: add a line {} below its first text",
                path.display(),
                contents::DIRECTIVE
            ));
        }
        let contents = contents::of(&page.content);
        let mut page_of = Page {
            workspace,
            path,
            contents,
            shown: &mut shown,
            errors: &mut errors,
            minutes: &minutes,
            above: Above::default(),
        };
        page.content = page_of.filled(&page.content, &mut problems);
    });
    problems.extend(missing(workspace, &shown));
    let is_missing = |entry: &&compiler::Entry| !errors.contains(&entry.name);
    problems.extend(workspace.errors.iter().filter(is_missing).map(|entry| {
        format!("docs/compiler/{0}: no page shows it: add {{{{#error {0}}}}}", entry.name)
    }));
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// The sections of a chapter that no page shows. Its page is named by its file.
fn missing(workspace: &Workspace, shown: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut problems = Vec::new();
    for chapter in &workspace.chapters {
        let is_missing = |section: &&Section| {
            !shown.contains(&(chapter.package.clone(), section.name.clone()))
        };
        for section in chapter.sections.iter().filter(is_missing) {
            let main = workspace.root.join(&chapter.path).join("src/main.rs");
            let name = format!("\"{}\"", section.name);
            let text = read(&main).unwrap_or_default();
            let line =
                text.lines().position(|line| line.contains(&name)).map_or(1, |at| at + 1);
            problems.push(format!(
                "{}/src/main.rs:{line}: no page shows the section {}: add {{{{#section {}}}}} to docs/src/{}",
                chapter.path, section.name, section.name, chapter.page
            ));
        }
    }
    problems
}

/// A page that is being filled.
struct Page<'a> {
    workspace: &'a Workspace,
    /// Relative to `docs/src`.
    path: PathBuf,
    /// The links to its sections.
    contents: String,
    /// The chapter and the name of each section that a page shows.
    shown: &'a mut BTreeSet<(String, String)>,
    /// The wrong programs that a page shows.
    errors: &'a mut BTreeSet<String>,
    minutes: &'a str,
    above: Above,
}

impl<'a> Page<'a> {
    fn filled(&mut self, text: &str, problems: &mut Vec<String>) -> String {
        let mut filled = String::new();
        for (number, line) in text.lines().enumerate() {
            let replaced = self.include_is_good(line).and_then(|()| self.replaced(line));
            match replaced {
                Ok(replaced) => filled += &replaced,
                Err(why) => {
                    let page = Path::new("docs/src").join(&self.path);
                    problems.push(format!("{}:{}: {why:#}", page.display(), number + 1));
                }
            }
            filled += "\n";
        }
        filled
    }

    fn replaced(&mut self, line: &str) -> Result<String> {
        if directive::argument(line, "contents")?.is_some() {
            return Ok(self.contents.clone());
        }
        if let Some(name) = directive::argument(line, "error")? {
            return self.error(name);
        }
        if directive::argument(line, "minutes")?.is_some() {
            return Ok(self.minutes.to_owned());
        }
        let Some(directive) = directive::parse(line)? else { return Ok(line.to_owned()) };
        let chapter = self.chapter(&directive)?;
        let name = directive.section;
        let section = chapter.section(name)?;
        let key = (chapter.package.clone(), name.to_owned());
        ensure!(self.shown.insert(key), "the section {name} is shown twice");
        let panel = Panel::of(self.workspace, chapter, section, &directive.anchors)?;
        Ok(panel.draw(&mut self.above))
    }

    fn error(&mut self, name: &str) -> Result<String> {
        let entry = self.workspace.errors.iter().find(|entry| entry.name == name);
        let entry = entry.with_context(|| format!("there is no docs/compiler/{name}"))?;
        ensure!(self.errors.insert(name.to_owned()), "the error {name} is shown twice");
        entry.draw(&compiler::version(&self.workspace.root)?)
    }

    fn chapter(&self, directive: &Directive<'_>) -> Result<&'a Chapter> {
        self.workspace.chapter_of(&self.path, directive.chapter, directive.section)
    }

    /// mdBook only warns about an include without a file or an anchor, and shows an empty block.
    fn include_is_good(&self, line: &str) -> Result<()> {
        for include in line.split("{{#include ").skip(1) {
            let Some((target, _)) = include.split_once("}}") else {
                bail!("an include has no end")
            };
            let (file, anchor) = target.split_once(':').unwrap_or((target, ""));
            let folder = self.workspace.root.join("docs/src").join(&self.path);
            let text = read(&folder.with_file_name(file.trim()))?;
            match anchor {
                "" => ensure!(!text.trim().is_empty(), "{file} is empty"),
                _ => {
                    let text = Listing::of(file, &text);
                    snippet::part(&text, anchor).with_context(|| file.to_owned())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mdbook_preprocessor::book::{BookItem, Chapter};
    use tempfile::TempDir;

    use super::*;
    use crate::workspace::fixture;

    const CODE: &str = "//! It waits.\n\nuse crate::helper::help;\n\n// ANCHOR: wait\nasync fn wait() {}\n\
                        // ANCHOR_END: wait\n// ANCHOR: empty\n// ANCHOR_END: empty\n\
                        pub(crate) async fn run() -> anyhow::Result<()> {\n    Ok(())\n}\n";
    const MAIN: &str = "mod wait;\n\nfn main() {\n    chapter.section(\"wait\", \"it waits\");\n    \
                        chapter.section(\"late\", \"it is late\");\n}\n";

    /// The record of a run that prints this line.
    fn record(language: &str, text: &str) -> String {
        format!(
            "{{\"version\":1,\"language\":\"{language}\",\"runs\":[{{\"end\":50000,\"knobs\":[],\"lanes\":[],\"events\":[\n\
             {{\"at\":50000,\"what\":\"said\",\"text\":\"{text}\"}}\n]}}]}}\n"
        )
    }

    /// A workspace whose chapter `queues` has the sections `wait` and `late`.
    fn workspace() -> TempDir {
        let list = |name: &str| {
            format!("section\t{name}\tpure\tit waits < 1 s\ncode\tsrc/{name}.rs\n")
        };
        let lists = list("wait")
            + "knob\tn\t3\t1..=9\nquestion\tn=1\thow long?\n"
            + &list("late");
        let twin = "\"\"\"It waits.\"\"\"\n\nimport os\n\n# ANCHOR: wait\nos.wait()\n# ANCHOR_END: wait\n";
        fixture::with(&[
            ("Cargo.toml", "[workspace.dependencies]\nanyhow = \"1\"\n"),
            ("crates/workshop/info.toml", EXERCISE),
            ("crates/workshop-apps/info.toml", "exercises = []\n"),
            ("crates/05-queues/Cargo.toml", "[dependencies]\nanyhow.workspace = true\n"),
            ("crates/05-queues/src/main.rs", MAIN),
            ("crates/05-queues/src/wait.rs", CODE),
            ("crates/05-queues/src/late.rs", CODE),
            ("crates/05-queues/src/helper.rs", "pub(crate) fn help() {}\n"),
            ("crates/05-queues/asyncio/wait.py", twin),
            ("crates/05-queues/asyncio/late.py", twin),
            ("docs/src/05-queues.md", ""),
            ("docs/runs/queues/sections.tsv", &lists),
            ("docs/runs/queues/wait.json", &record("rust", "a < b </script>")),
            ("docs/runs/queues/wait.asyncio.json", &record("python", "a < b </script>")),
            ("docs/runs/queues/late.json", &record("rust", "late")),
            ("docs/runs/queues/late.asyncio.json", &record("python", "later")),
        ])
    }

    const EXERCISE: &str = "[[exercises]]\nname = \"queues1\"\ndir = \"05_queues\"\n\
                            chapter = \"queues\"\nsection = \"wait\"\nminutes = 5\n\
                            about = \"wait for it\"\n";

    /// What the page `name` becomes, or what is wrong with it.
    fn filled(name: &str, text: &str) -> Result<String, String> {
        filled_in(&workspace(), name, text)
    }

    fn filled_in(folder: &TempDir, name: &str, text: &str) -> Result<String, String> {
        let workspace = Workspace::open(folder.path()).expect("a workspace");
        let page = Chapter::new("A page", text.to_owned(), name, Vec::new());
        let mut book = Book::new_with_items(vec![BookItem::Chapter(page)]);
        fill(&workspace, &mut book).map_err(|why| why.to_string())?;
        Ok(book.chapters().next().expect("the page").content.clone())
    }

    const BOTH: &str = "# Queues\n\n{{#section wait}}\n\n{{#section late wait}}\n";

    #[test]
    fn a_directive_becomes_both_programs_and_what_they_print() {
        let page = filled("05-queues.md", BOTH).expect("a good page");
        for part in [
            "cargo run -p queues -- wait\n",
            "```python\nos.wait()\n```",
            "```rust,noplayground\nasync fn wait() {}\n```",
            ".section(\"wait\", \"it waits < 1 s\", run)",
            "anyhow = \"1\"",
            "Both programs print",
            "<time>0.050&nbsp;s</time> <span>a &lt; b &lt;/script&gt;</span>",
            "<p class=\"title\">asyncio prints</p>",
            "<span>later</span>",
            "it waits &lt; 1 s",
            "<li data-knob=\"n\" data-default=\"3\" data-range=\"1..=9\">\
             <code>n=3</code> (1 to 9)</li>",
            "with <code>n=1</code>, how long?",
            "<a href=\"workshop.html#queues\">Exercise</a> <code>queues1</code> (5 minutes): \
             wait for it. Edit <code>crates/workshop/exercises/05_queues/queues1.rs</code>, and \
             run <code>cargo test --bin queues1</code> in <code>crates/workshop</code>.",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert!(!page.contains("{{#") && !page.contains("ANCHOR"), "{page}");
    }

    /// The empty line and the `mod helper;` in the whole program are of no file.
    #[test]
    fn a_script_finds_the_records_and_the_file_and_lines_of_each_listing() {
        let page = filled("05-queues.md", BOTH).expect("a good page");
        let (_, page) = page.split_once("data-section=\"wait\"").expect("the panel");
        let (wait, late) = page.split_once("data-section=\"late\"").expect("a panel");
        assert!(wait.starts_with(" data-pure aria-label="), "{wait}");
        let whole = format!("1-4 6 10-12{}", " 0".repeat(8));
        for (file, lines) in [
            ("src/wait.rs", "6"),
            ("src/wait.rs", &whole),
            ("src/helper.rs", "1"),
            ("asyncio/wait.py", "6"),
            ("asyncio/wait.py", "1-4 6"),
        ] {
            let listing = format!(
                "<div class=\"listing\" data-file=\"crates/05-queues/{file}\" \
                 data-lines=\"{lines}\">\n\n```"
            );
            assert_eq!(wait.matches(&listing).count(), 1, "{listing} is not in\n{wait}");
        }
        for (panel, language, text) in [
            (wait, "rust", "a < b </script>"),
            (wait, "python", "a < b </script>"),
            (late, "rust", "late"),
            (late, "python", "later"),
        ] {
            let tag = format!("class=\"record\" data-language=\"{language}\">");
            let (_, json) = panel.split_once(&tag).expect("a record");
            let (json, _) = json.split_once("</script>").expect("its end");
            let json: serde_json::Value = serde_json::from_str(json).expect(json);
            let events = &json["runs"][0]["events"];
            let keys = events["keys"][0].as_array().expect("the keys of the first event");
            let position = keys.iter().position(|key| key == "text").expect("a text");
            assert_eq!(events["rows"][0][position + 1], text);
        }
    }

    #[test]
    fn a_page_of_many_sections_lists_them() {
        let sections = "\n## A section\n".repeat(9);
        let error =
            filled("05-queues.md", &format!("{BOTH}{sections}")).expect_err("no list");
        assert!(
            error.starts_with("docs/src/05-queues.md:1: this page has many"),
            "{error}"
        );
        let page =
            filled("05-queues.md", &format!("{BOTH}\n{{{{#contents}}}}\n{sections}"));
        let page = page.expect("a good page");
        assert!(page.contains("\n- [A section](#a-section-8)\n"), "{page}");
        assert!(!page.contains("{{#"), "{page}");
    }

    #[test]
    fn a_file_of_two_programs_is_on_the_page_once() {
        let page = filled("05-queues.md", BOTH).expect("a good page");
        let id = "queues-wait-src-helper.rs";
        assert_eq!(page.matches("pub(crate) fn help() {}").count(), 1, "{page}");
        assert!(page.contains(&format!("<div id=\"{id}\">")), "{page}");
        let link = format!("<code>src/helper.rs</code>, <a href=\"#{id}\">as above</a>");
        assert_eq!(page.matches(&link).count(), 1, "{page}");
        assert_eq!(page.matches("\nmod helper;\n").count(), 2, "{page}");
    }

    /// The message begins with the file and the line of the mistake.
    #[test]
    fn a_mistake_in_a_page_is_named_with_its_file_and_line() {
        for (line, why) in [
            ("{{#section}}", "the directive names no section"),
            (
                "see {{#section wait}}",
                "a section is a line of its own: {{#section NAME}}",
            ),
            ("{{#section wiat}}", "queues has no section wiat, only wait late"),
            ("{{#section wait}}", "the section wait is shown twice"),
            ("{{#section tasks/wait}}", "there is no chapter tasks"),
            ("{{#error moved}}", "there is no docs/compiler/moved"),
            ("see {{#error moved}}", "a directive is a line of its own: {{#error …}}"),
            ("see {{#contents}}", "a directive is a line of its own: {{#contents …}}"),
            (
                "{{#include ../../crates/05-queues/src/wait.rs:none}}",
                "../../crates/05-queues/src/wait.rs: there is no ANCHOR: none",
            ),
            (
                "{{#include ../../crates/05-queues/src/wait.rs:empty}}",
                "../../crates/05-queues/src/wait.rs: nothing lies between the anchors empty",
            ),
        ] {
            let error =
                filled("05-queues.md", &format!("{BOTH}\n{line}\n")).expect_err(line);
            assert_eq!(error, format!("docs/src/05-queues.md:7: {why}"));
        }
        let error =
            filled("05-queues.md", "{{#include ../none.rs}}\n").expect_err("no file");
        assert!(error.starts_with("docs/src/05-queues.md:1: "), "{error}");
        let error = filled("index.md", "{{#section queues/wait}}\n{{#section wait}}\n");
        let error = error.expect_err("a page of no chapter");
        assert!(
            error.starts_with(
                "docs/src/index.md:2: this page belongs to no chapter: write CHAPTER/wait"
            ),
            "{error}"
        );
    }

    #[test]
    fn a_part_that_is_missing_or_empty_is_named_with_its_program() {
        for (anchor, why) in [
            ("none", "crates/05-queues/src/wait.rs has no ANCHOR: none"),
            (
                "empty",
                "crates/05-queues/src/wait.rs: nothing lies between the anchors empty",
            ),
        ] {
            let page =
                format!("{{{{#section late wait}}}}\n{{{{#section wait {anchor}}}}}\n");
            let error = filled("05-queues.md", &page).expect_err(anchor);
            assert_eq!(error, format!("docs/src/05-queues.md:2: {why}"));
        }
    }

    #[test]
    fn a_wrong_program_is_shown_once_with_its_cure_and_its_message() {
        let folder = workspace();
        let files = [
            ("docs/compiler/version.txt", "rustc 1.0.0\n"),
            (
                "docs/compiler/moved/wrong.rs",
                "//! The compiler reports: E0382\nfn main() {}\n",
            ),
            ("docs/compiler/moved/right.rs", "//! It is cloned.\nfn main() {}\n"),
            ("docs/compiler/moved/message.txt", "error[E0382]: use of moved value\n"),
        ];
        fixture::write(&folder, &files);
        let error = filled_in(&folder, "05-queues.md", BOTH).expect_err("it is missing");
        assert_eq!(error, "docs/compiler/moved: no page shows it: add {{#error moved}}");
        let text = format!("{BOTH}\n{{{{#error moved}}}}\n");
        let page = filled_in(&folder, "05-queues.md", &text).expect("a good page");
        for part in [
            "//! The compiler reports: E0382",
            "//! It is cloned.",
            "The message of rustc 1.0.0",
            "```text\nerror[E0382]: use of moved value\n```",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        let error = filled_in(&folder, "05-queues.md", &(text + "{{#error moved}}\n"));
        let error = error.expect_err("twice");
        assert!(error.ends_with("the error moved is shown twice"), "{error}");
    }

    #[test]
    fn a_line_of_minutes_becomes_a_row_for_each_chapter() {
        let page = format!("# Queues\n\n**How long?**\n\n{BOTH}\n{{{{#minutes}}}}\n");
        let page = filled("05-queues.md", &page).expect("a good page");
        let row = "| [Queues](05-queues.md): How long? | 5 min | 5 min |";
        assert!(page.contains(row), "{page}");
    }

    #[test]
    fn a_section_that_no_page_shows_is_named_where_it_is_added() {
        let error =
            filled("05-queues.md", "{{#section wait}}\n").expect_err("late is missing");
        assert_eq!(
            error,
            "crates/05-queues/src/main.rs:5: no page shows the section late: \
             add {{#section late}} to docs/src/05-queues.md"
        );
    }
}
