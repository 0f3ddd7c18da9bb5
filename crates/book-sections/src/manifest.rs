//! The dependencies of a program are those of its chapter that its code names.

use toml::{Table, Value};

use crate::{chapter::Chapter, program::Program, workspace::Workspace};

/// Where a reader's own crate finds this project: in the folder beside it.
pub(crate) const PROJECT: &str = "../async-rust";

/// The lines below `[dependencies]` in the manifest of a program.
pub(crate) fn dependencies(
    workspace: &Workspace,
    chapter: &Chapter,
    program: &Program,
) -> String {
    let code = program.code();
    let own = chapter.package.replace('-', "_");
    let mut lines = Vec::new();
    for (name, entries) in declared(chapter) {
        let path = format!("{}::", name.replace('-', "_"));
        if name == "anyhow" || code.contains(&path) {
            lines.push(format!(
                "{name} = {}",
                resolved(&workspace.versions, &name, &entries)
            ));
        }
    }
    if code.contains(&format!("{own}::")) && chapter.folder.join("src/lib.rs").is_file() {
        let path = format!("{PROJECT}/{}", chapter.path);
        lines.push(format!("{} = {{ path = {path:?} }}", chapter.package));
    }
    listed(lines)
}

/// The lines in order. A reader may have this project in another folder.
fn listed(mut lines: Vec<String>) -> String {
    lines.sort();
    if lines.iter().any(|line| line.contains(PROJECT)) {
        let note =
            format!("# {PROJECT} is the folder of this project: write your own path.");
        lines.insert(0, note);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Every dependency of the chapter's program, with all entries that it has.
fn declared(chapter: &Chapter) -> Vec<(String, Vec<Value>)> {
    let targets = chapter.manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let manifest = Value::Table(chapter.manifest.clone());
    let tables = [manifest].into_iter().chain(targets.cloned());
    let mut all: Vec<(String, Vec<Value>)> = Vec::new();
    for (name, entry) in
        tables.filter_map(|it| it.get("dependencies")?.as_table().cloned()).flatten()
    {
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some((_, entries)) => entries.push(entry),
            None => all.push((name, vec![entry])),
        }
    }
    all
}

/// The version of the workspace, with the features of the workspace and of the chapter.
fn resolved(versions: &Table, name: &str, entries: &[Value]) -> String {
    let own = entries.iter().find(|entry| entry.get("workspace").is_none());
    let base = own.or(versions.get(name)).expect("Cargo has read this manifest");
    let features = [base].into_iter().chain(entries);
    let features = features.filter_map(|entry| entry.get("features")?.as_array());
    let mut features: Vec<_> = features.flatten().map(ToString::to_string).collect();
    features.sort();
    features.dedup();
    let mut fields = Vec::new();
    match base.get("path").and_then(Value::as_str) {
        Some(path) => fields.push(format!("path = \"{PROJECT}/{path}\"")),
        None => {
            let version = base.get("version").unwrap_or(base);
            if features.is_empty() && base.get("default-features").is_none() {
                return version.to_string();
            }
            fields.push(format!("version = {version}"));
        }
    }
    if base.get("default-features").and_then(Value::as_bool) == Some(false) {
        fields.push("default-features = false".into());
    }
    if !features.is_empty() {
        fields.push(format!("features = [{}]", features.join(", ")));
    }
    format!("{{ {} }}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_has_the_version_of_the_workspace_and_the_features_of_both() {
        let versions = "anyhow = \"1.0\"\nkit = { path = \"crates/kit\" }\n\
                        tokio = { version = \"1.5\", default-features = false, features = [\"rt\"] }\n";
        let versions: Table = versions.parse().expect("versions");
        let entry = |text: &str| Value::Table(text.parse().expect("an entry"));
        let plain = entry("workspace = true");
        let files = entry("workspace = true\nfeatures = [\"fs\", \"rt\"]");
        for (name, entries, line) in [
            ("anyhow", vec![plain.clone()], "\"1.0\""),
            ("anyhow", vec![Value::String("2.0".into())], "\"2.0\""),
            ("kit", vec![plain.clone()], "{ path = \"../async-rust/crates/kit\" }"),
            (
                "kit",
                vec![plain.clone(), files.clone()],
                "{ path = \"../async-rust/crates/kit\", features = [\"fs\", \"rt\"] }",
            ),
            (
                "tokio",
                vec![plain, files],
                "{ version = \"1.5\", default-features = false, features = [\"fs\", \"rt\"] }",
            ),
        ] {
            assert_eq!(resolved(&versions, name, &entries), line);
        }
    }

    #[test]
    fn a_path_to_this_project_has_a_note_about_its_folder() {
        let kit = || "kit = { path = \"../async-rust/crates/kit\" }".to_owned();
        assert_eq!(
            listed(vec![kit(), "anyhow = \"1.0\"".into()]),
            format!(
                "# ../async-rust is the folder of this project: write your own path.\n\
                 anyhow = \"1.0\"\n{}\n",
                kit()
            )
        );
        assert_eq!(listed(vec!["anyhow = \"1.0\"".into()]), "anyhow = \"1.0\"\n");
    }
}
