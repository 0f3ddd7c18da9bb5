//! A section's file, with a `main` and the files that it uses, is a whole program.

use std::{
    collections::BTreeMap,
    ops::Deref,
    path::{Path, PathBuf},
};

use anyhow::Result;
use async_kit::parity::Section;

use crate::{
    chapter::Chapter,
    listing::{Line, Listing},
    snippet,
    workspace::read,
};

/// A program that a reader can copy into an empty crate.
pub(crate) struct Program {
    /// The section's file and its `main`, for `src/main.rs`.
    pub(crate) main: Listing,
    /// The other files, by their path in the crate, `src/report.rs`.
    pub(crate) others: BTreeMap<String, Listing>,
}

impl Program {
    /// The program of a section. Its tests are left out, unless they are in focus.
    pub(crate) fn of(
        chapter: &Chapter,
        section: &Section,
        with_tests: bool,
    ) -> Result<Self> {
        let code = snippet::unmarked(&chapter.listing(&section.code)?);
        let code = if with_tests { code } else { without_tests(&code) };
        let mut others = BTreeMap::new();
        let own = Path::new(&section.code).with_extension("");
        submodules(chapter, &own, Path::new("src"), &code.text(), &mut others)?;
        let setup = setup(&read(&chapter.folder.join("src/main.rs"))?);
        let mut helpers = BTreeMap::new();
        used(chapter, &setup.replace("    ", "crate::"), &mut helpers)?;
        let own = [&code].into_iter().chain(others.values());
        own.map(Listing::text).try_for_each(|text| used(chapter, &text, &mut helpers))?;
        let names: Vec<_> = helpers.keys().filter_map(|path| top(path)).collect();
        let modules: String = names.iter().map(|name| format!("mod {name};\n")).collect();
        let code = names.iter().fold(code, |code, name| not_imported(&code, name));
        let gap = if modules.is_empty() { "" } else { "\n" };
        let mut main = code.trimmed();
        main.push(&format!("{gap}{modules}\n{}", run(section, &setup)));
        others.append(&mut helpers);
        Ok(Self { main, others })
    }

    /// All its text, without comments.
    pub(crate) fn code(&self) -> String {
        let texts = [&self.main].into_iter().chain(self.others.values());
        let lines = texts.flat_map(Listing::lines);
        lines
            .map(|line| line.split("//").next().unwrap_or("").to_owned() + "\n")
            .collect()
    }
}

/// An asyncio program without its marks, and without the comments that only the parity test reads.
pub(crate) fn twin(program: &Listing) -> Listing {
    let mut kept = String::new();
    snippet::unmarked(program).filtered(|line| {
        let is_second_gap = line.is_empty() && kept.ends_with("\"\"\"\n\n");
        let is_kept = !line.starts_with("# also compared with:") && !is_second_gap;
        if is_kept {
            kept += line;
            kept.push('\n');
        }
        is_kept
    })
}

/// The calls without arguments with which the chapter's `main` begins, as `logs::init();`.
fn setup(main: &str) -> String {
    let before = main.split_once("Chapter::new").map_or("", |(before, _)| before);
    let body = before.split_once("fn main(").map_or("", |(_, body)| body);
    let mut after_attribute = false;
    let mut calls = String::new();
    for line in body.lines() {
        if line.trim().ends_with("();") && !after_attribute {
            calls += &format!("{line}\n");
        }
        // With a condition it belongs to a tool that is more than its sections.
        after_attribute = line.trim().starts_with("#[");
    }
    calls
}

/// Code at the root of a crate, where the name of a module is known and cannot be imported again.
fn not_imported(code: &Listing, module: &str) -> Listing {
    let (list, import) =
        (format!("use crate::{module}::{{"), format!("use crate::{module};"));
    code.filtered(|line| line.trim() != import)
        .mapped(|line| line.replace(&format!("{list}self, "), &list))
}

/// The `main` that runs one section.
fn run(section: &Section, setup: &str) -> String {
    let Section { name, claim, .. } = section;
    let knobs = if section.knobs.is_empty() { "" } else { "knobs => " };
    let call = match section.pure {
        true => format!(".section({name:?}, {claim:?}, run)"),
        false => {
            format!(".real_time({name:?}, {claim:?}, async_kit::native!({knobs}run))")
        }
    };
    format!(
        "fn main() -> anyhow::Result<()> {{\n{setup}    \
         async_kit::Chapter::new({name:?}, {claim:?})\n        {call}\n        .main()\n}}\n"
    )
}

/// A file without its tests, and without the condition that keeps it out of WebAssembly.
fn without_tests(code: &Listing) -> Listing {
    let mut kept: Vec<Line> = Vec::new();
    let mut lines = code.lines().iter();
    while let Some(line) = lines.next() {
        if **line == *"#[cfg(test)]" {
            let belongs = |line: &Line| line.starts_with("///") || line.starts_with("#[");
            while kept.last().is_some_and(belongs) {
                kept.pop();
            }
            let item = lines.next().map_or("", Deref::deref);
            let ends = |line: &str| match item.ends_with('{') {
                true => line == "}",
                false => line.ends_with(';'),
            };
            if !ends(item) {
                lines.by_ref().find(|line| ends(line));
            }
        } else if **line != *"#![cfg(not(target_family = \"wasm\"))]" {
            kept.push(line.clone());
        }
    }
    code.with(kept).trimmed()
}

/// Adds the files of `mod NAME;` below a file whose modules lie in `folder`, and in `target` of the
/// program.
fn submodules(
    chapter: &Chapter,
    folder: &Path,
    target: &Path,
    code: &str,
    files: &mut BTreeMap<String, Listing>,
) -> Result<()> {
    for name in code.lines().filter_map(declared) {
        let (file, path) = (folder.join(name), target.join(name));
        let source = chapter.listing(&shown(file.with_extension("rs")))?;
        let code = without_tests(&snippet::unmarked(&source));
        submodules(chapter, &file, &path, &code.text(), files)?;
        files.insert(shown(path.with_extension("rs")), code);
    }
    Ok(())
}

/// `name` in `pub(crate) mod name;`
fn declared(line: &str) -> Option<&str> {
    let (visibility, name) = line.strip_suffix(';')?.split_once("mod ")?;
    let is_item = visibility.is_empty() || visibility.starts_with("pub");
    is_item.then_some(name)
}

/// Adds the chapter's modules that a file names as `crate::NAME`, with all that they need.
fn used(
    chapter: &Chapter,
    code: &str,
    files: &mut BTreeMap<String, Listing>,
) -> Result<()> {
    for name in named(code) {
        let path = Path::new("src").join(&name).with_extension("rs");
        let is_file = chapter.folder.join(&path).is_file();
        let key = shown(path);
        if !is_file || files.contains_key(&key) {
            continue;
        }
        let code = without_tests(&snippet::unmarked(&chapter.listing(&key)?));
        let text = code.text();
        files.insert(key, code);
        let module = Path::new("src").join(&name);
        let mut below = BTreeMap::new();
        submodules(chapter, &module, &module, &text, &mut below)?;
        used(chapter, &text, files)?;
        below.values().try_for_each(|code| used(chapter, &code.text(), files))?;
        files.append(&mut below);
    }
    Ok(())
}

/// The first names after `crate::`, also those in braces.
fn named(code: &str) -> Vec<String> {
    code.split("crate::").skip(1).flat_map(first_names).collect()
}

fn first_names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return vec![identifier(path)] };
    let (mut names, mut depth, mut at_start) = (Vec::new(), 0, true);
    for (index, letter) in list.char_indices() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            letter if depth == 0 && at_start && letter.is_alphabetic() => {
                names.push(identifier(&list[index..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The module of a file directly below `src/`.
fn top(path: &str) -> Option<&str> {
    let name = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    (!name.contains('/')).then_some(name)
}

fn shown(path: PathBuf) -> String {
    path.display().to_string().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_no_tests_and_no_condition() {
        let code = "//! It waits.\n#![cfg(not(target_family = \"wasm\"))]\n\nfn a() {}\n\n\
                    #[cfg(test)]\nmod tests {\n    use a;\n\n    fn b() {\n    }\n}\n\n\
                    #[cfg(test)]\nmod c;\n\n/// How long\n/// it takes.\n#[cfg(test)]\n\
                    const C: [u8; 2] =\n    [1, 2];\n\n/// It waits.\nfn d() {}\n";
        let kept = "//! It waits.\n\nfn a() {}\n\n\n\n\n/// It waits.\nfn d() {}\n";
        let program = without_tests(&Listing::of("a.rs", code));
        assert_eq!(program.text(), kept);
        assert!(
            program.fence("rust").contains("data-lines=\"1 3-5 13 16 22-24\""),
            "{program:?}"
        );
    }

    #[test]
    fn what_the_chapter_does_first_is_part_of_the_program() {
        let main = "fn main() -> Result {\n    // Why.\n    logs::init();\n    #[cfg(unix)]\n    \
                    tool::serve();\n    Chapter::new(\"a\")\n        .main();\n}\n";
        assert_eq!(setup(main), "    logs::init();\n");
        let section = Section { pure: true, ..Section::default() };
        assert!(
            run(&section, &setup(main)).contains("{\n    logs::init();\n    async_kit::")
        );
    }

    #[test]
    fn a_module_of_the_program_is_not_imported_at_its_root() {
        let code =
            "use crate::logs::{self, Line};\nuse crate::logs;\nuse crate::logs_of;\n";
        let kept = "use crate::logs::{Line};\nuse crate::logs_of;\n";
        assert_eq!(not_imported(&Listing::of("a.rs", code), "logs").text(), kept);
    }

    #[test]
    fn a_twin_keeps_one_empty_line_below_its_claim() {
        let text = "\"\"\"It waits.\"\"\"\n\n# also compared with: a=1\n\nimport a\n# ANCHOR: b\n\n\nb()\n";
        assert_eq!(
            twin(&Listing::of("a.py", text)).text(),
            "\"\"\"It waits.\"\"\"\n\nimport a\n\n\nb()\n"
        );
    }

    #[test]
    fn the_modules_of_the_chapter_are_found_in_paths_and_in_braces() {
        let code = "use crate::{\n    squares::{b, c},\n    d,\n};\nuse crate::e::f;\n";
        assert_eq!(named(code), ["squares", "d", "e"]);
        assert_eq!(declared("pub(crate) mod report;"), Some("report"));
        assert_eq!(declared("    mod report;"), None);
        assert_eq!(declared("//! a mod report;"), None);
    }
}
