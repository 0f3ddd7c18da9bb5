//! The source files of a section are found if they are still where the chapter was built.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    contents::{Contents, Section},
    exercises::{self, Exercise},
};

/// The folders of a chapter.
pub(super) struct Sources {
    /// The folder to which the compiler's file names are relative.
    root: PathBuf,
    /// The folder with `main.rs`.
    code: PathBuf,
    /// The folder with `Cargo.toml`.
    package: PathBuf,
    main: PathBuf,
    chapter: &'static str,
}

impl Sources {
    /// The sources of this chapter, if its `main.rs` is found. The compiler recorded a relative path:
    /// it is searched in the folders above the program and above the working folder.
    pub(super) fn of(contents: &Contents) -> Option<Self> {
        let main = Path::new(contents.made_at.file());
        let starts = [env::current_exe().ok(), env::current_dir().ok()];
        let folders = starts.iter().flatten().flat_map(|start| start.ancestors());
        let root = folders.map(Path::to_owned).find(|root| root.join(main).is_file())?;
        let main = root.join(main);
        let code = main.parent()?.to_owned();
        let package = code.parent()?.to_owned();
        Some(Self { root, code, package, main, chapter: contents.name })
    }

    /// The files about a section: `code`, `page`, `twin` and `exercise`, each with its path.
    pub(super) fn about(&self, section: &Section) -> Vec<String> {
        let code = self.module(section.code.path);
        let page =
            self.root.join("docs/src").join(self.package.file_name().unwrap_or_default());
        let page = page.with_extension("md");
        let text = fs::read_to_string(&page).unwrap_or_default();
        let heading = heading(&text, section.name, &code);
        let heading = heading.map_or(String::new(), |it| format!(": {it}"));
        let twin = self.package.join("asyncio").join(section.name).with_extension("py");
        let files = [("code", code, ""), ("page", page, &heading), ("twin", twin, "")];
        let files = files.iter().filter(|(_, path, _)| path.is_file());
        let files =
            files.map(|(what, path, part)| format!("{what} {}{part}", short(path)));
        let exercises = exercises::about(&self.root, self.chapter, section.name);
        let exercises = exercises.iter().map(|Exercise { path, minutes }| {
            format!("exercise {} ({minutes} minutes)", short(path))
        });
        files.chain(exercises).collect()
    }

    /// The file of a section, relative to the folder with `Cargo.toml`.
    pub(super) fn code(&self, section: &Section) -> Option<PathBuf> {
        let file = self.module(section.code.path);
        file.strip_prefix(&self.package).ok().map(Path::to_owned)
    }

    /// The file of the innermost module in the name of a type, or else `main.rs`.
    fn module(&self, type_name: &str) -> PathBuf {
        let names: Vec<_> = type_name.split("::").skip(1).collect();
        let files = (1..=names.len()).rev().map(|count| {
            let module: PathBuf = names[..count].iter().collect();
            self.code.join(module).with_extension("rs")
        });
        files.into_iter().find(|file| file.is_file()).unwrap_or_else(|| self.main.clone())
    }
}

/// The heading of the part of a page that shows this section, or else first includes its file.
fn heading<'a>(page: &'a str, section: &str, code: &Path) -> Option<&'a str> {
    let file = format!("/src/{}", code.file_name()?.to_str()?);
    let shown = [" ", "}}"].map(|end| format!("{{{{#section {section}{end}"));
    let mut marks = shown.iter().chain([&file]);
    let (before, _) = marks.find_map(|mark| page.split_once(mark))?;
    before.lines().filter_map(|line| line.strip_prefix("## ")).next_back()
}

/// The other packages in the same folder whose `main.rs` adds a section of this name.
pub(super) fn other_chapters_with(contents: &Contents, section: &str) -> Vec<String> {
    let Some(sources) = Sources::of(contents) else { return Vec::new() };
    let Some(folders) = sources.package.parent().and_then(|all| fs::read_dir(all).ok())
    else {
        return Vec::new();
    };
    let mut folders: Vec<_> = folders.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let others = folders.iter().filter(|folder| **folder != sources.package);
    others
        .filter(|folder| adds(folder, section))
        .filter_map(|folder| name(folder))
        .collect()
}

/// Whether the `main.rs` of this package adds a section of this name.
fn adds(package: &Path, section: &str) -> bool {
    let Ok(main) = fs::read_to_string(package.join("src/main.rs")) else { return false };
    let quoted = format!("{section:?}");
    [".section(", ".real_time("].iter().any(|call| {
        main.split(call).skip(1).any(|rest| rest.trim_start().starts_with(&quoted))
    })
}

/// The name of the package in this folder.
fn name(package: &Path) -> Option<String> {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).ok()?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("name = "))?;
    Some(line.trim().trim_matches('"').to_owned())
}

/// The path relative to the working folder, if it lies below that.
fn short(path: &Path) -> String {
    let here = env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.as_deref().unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;

    use super::*;
    use crate::stage::run::contents::{Code, Kind};

    #[test]
    fn the_last_of_a_sections_files_are_its_exercises() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let package = root.join("crates/05-queues");
        let code = package.join("src");
        let main = code.join("main.rs");
        let sources = Sources { root, code, package, main, chapter: "queues" };
        let about = |name, path| {
            let body = Box::new(|| -> BoxFuture<'static, anyhow::Result<()>> {
                unreachable!("no section runs")
            });
            let code = Code { body, path };
            let section = Section { name, claim: "", kind: Kind::Pure, code };
            sources.about(&section)
        };
        let files = about("bounded", "queues::bounded::run");
        let [.., twin, exercise] = &files[..] else { panic!("{files:?}") };
        assert!(twin.starts_with("twin "), "{files:?}");
        assert!(exercise.starts_with("exercise "), "{files:?}");
        assert!(
            exercise.ends_with("exercises/05_queues/queues1.rs (5 minutes)"),
            "{files:?}"
        );
        let files = about("priority", "queues::priority::run");
        assert!(files.iter().all(|it| !it.starts_with("exercise ")), "{files:?}");
    }

    #[test]
    fn a_page_is_opened_at_the_heading_above_the_code() {
        let page = "# Queues\n\n## A full queue\n{{#include ../src/bounded.rs}}\n\n\
                    ## Two consumers\n{{#include ../src/consumers.rs:two}}\n\n\
                    ## A sent stop\n{{#section closing}}\n\n\
                    ## All of it\n{{#section close plain close}}\n";
        let heading = |section, file| heading(page, section, Path::new(file));
        assert_eq!(heading("bounded", "queues/src/bounded.rs"), Some("A full queue"));
        assert_eq!(heading("two", "queues/src/consumers.rs"), Some("Two consumers"));
        assert_eq!(heading("closing", "queues/src/closing.rs"), Some("A sent stop"));
        assert_eq!(heading("close", "queues/src/close.rs"), Some("All of it"));
        assert_eq!(heading("main", "queues/src/main.rs"), None);
    }
}
