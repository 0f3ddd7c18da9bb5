//! What the compiler reports about a wrong program is recorded with the version of the compiler.
//!
//! The words of a message change between versions. So the check compares every word only if the
//! installed compiler is the one of the record. Any other version must report the same error at the
//! same place.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{Cure, Entry, MESSAGE, entries, folder};
use crate::workspace::{Workspace, read};

/// The file with the version of the compiler that wrote the recorded messages.
const VERSION: &str = "version.txt";

/// Writes down today's messages.
pub(crate) fn record(workspace: &Workspace) -> Result<()> {
    let entries = entries(&workspace.root)?;
    for (entry, message) in entries.iter().zip(messages(workspace, &entries)?) {
        fs::write(entry.folder.join(MESSAGE), message.text)?;
    }
    fs::write(folder(&workspace.root).join(VERSION), installed()? + "\n")?;
    println!("{} messages of the compiler", entries.len());
    Ok(())
}

/// Fails if a program is not refused as it claims, if its cure does not compile without a warning, or
/// if the book shows another message.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let entries = entries(&workspace.root)?;
    let is_same_version = version(&workspace.root)? == installed()?;
    let messages = messages(workspace, &entries)?;
    let is_outdated = |(entry, message): &(&Entry, Message)| match is_same_version {
        true => entry.message != message.text,
        false => place(&entry.message) != place(&message.text),
    };
    let outdated = entries.iter().zip(messages).filter(is_outdated);
    let outdated: String =
        outdated.map(|(entry, _)| format!(" {}", entry.name)).collect();
    ensure!(outdated.is_empty(), "outdated: run `just compiler`, and look at:{outdated}");
    println!("{} wrong programs are refused as the book shows", entries.len());
    Ok(())
}

/// The version of the compiler that wrote the recorded messages.
pub(crate) fn version(root: &Path) -> Result<String> {
    Ok(read(&folder(root).join(VERSION))?.trim().to_owned())
}

/// `rustc 1.95.0`
fn installed() -> Result<String> {
    let out = Command::new("rustc").arg("--version").output().context("rustc")?;
    let words = String::from_utf8(out.stdout)?;
    Ok(words.split(' ').take(2).collect::<Vec<_>>().join(" "))
}

/// The code of a message, if it has one, and the line and column to which it points first.
fn place(message: &str) -> (&str, &str) {
    let code = message.split_once(':').map_or("", |(code, _)| code);
    let at = message.split_once("--> ").and_then(|(_, rest)| rest.lines().next());
    (code, at.unwrap_or_default())
}

/// The one message about each wrong program.
fn messages(workspace: &Workspace, entries: &[Entry]) -> Result<Vec<Message>> {
    let root = &workspace.root;
    let dependencies = read(&folder(root).join("dependencies.toml"))?;
    let wrong = Crate::new(root, "wrong", &dependencies)?;
    let cured = Crate::new(root, "cured", &dependencies)?;
    for entry in entries {
        wrong.add(&entry.name, &entry.wrong)?;
        match &entry.cure {
            Cure::Program(program) => cured.add(&entry.name, program)?,
            Cure::Manifest(manifest) => {
                let own = Crate::new(root, &entry.name, manifest)?;
                own.add(&entry.name, &entry.wrong)?;
                own.compiles()?;
            }
        }
    }
    cured.compiles()?;
    // Clippy writes the paths of types in full, so only its own lints are taken from it.
    let (by_rustc, by_clippy) = (wrong.messages("check")?, wrong.messages("clippy")?);
    let one = |entry: &Entry| {
        let error = entry.error()?;
        let tool = if error.starts_with("clippy::") { &by_clippy } else { &by_rustc };
        let own: Vec<_> = tool.iter().filter(|it| it.program == entry.name).collect();
        let [message] = own[..] else {
            let texts: String = own.iter().map(|it| it.text.as_str()).collect();
            bail!("{} has not one message but {}:\n{texts}", entry.name, own.len());
        };
        ensure!(
            message.error == error,
            "{} is {}, not {error}",
            entry.name,
            message.error
        );
        Ok(message.clone())
    };
    entries.iter().map(one).collect()
}

#[derive(Clone)]
struct Message {
    /// The name of the program.
    program: String,
    /// A code, a lint, or the title of a message that has neither.
    error: String,
    text: String,
}

/// A crate with one binary for each program.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn new(root: &Path, name: &str, dependencies: &str) -> Result<Self> {
        let folder = root.join("target/compiler").join(name);
        // Nothing of an earlier run may be compiled again.
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("src/bin"))?;
        // The versions with which the chapters were tested.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             {dependencies}"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        Ok(Self { folder })
    }

    fn add(&self, name: &str, program: &str) -> Result<()> {
        Ok(fs::write(self.folder.join(format!("src/bin/{name}.rs")), program)?)
    }

    /// Fails if there is an error or a warning, also one of Clippy.
    fn compiles(&self) -> Result<()> {
        let messages = self.messages("clippy")?;
        let texts: String = messages.iter().map(|it| it.text.as_str()).collect();
        ensure!(texts.is_empty(), "a cure has an error or a warning:\n{texts}");
        Ok(())
    }

    /// What the tool reports about the programs, each as if it were `src/main.rs`.
    fn messages(&self, tool: &str) -> Result<Vec<Message>> {
        let out = Command::new("cargo")
            .current_dir(&self.folder)
            .args([tool, "--offline", "--quiet", "--keep-going", "--bins"])
            .args(["--message-format=json", "--target-dir", "../target"])
            // A setting for all of a checkout's own code would change the messages.
            .env_remove("RUSTFLAGS")
            .output()
            .context("cargo")?;
        let text = String::from_utf8(out.stdout)?;
        let lines = text.lines().map(serde_json::from_str::<Line>);
        let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
        let is_done = lines.iter().any(|line| line.reason == "build-finished");
        ensure!(is_done, "cargo {tool}: {}", String::from_utf8_lossy(&out.stderr));
        Ok(lines.into_iter().filter_map(message).collect())
    }
}

/// One line of Cargo's JSON.
#[derive(Deserialize)]
struct Line {
    reason: String,
    target: Option<Target>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    message: String,
    code: Option<Code>,
    rendered: String,
    spans: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// A message about a place in a program; others count the messages.
fn message(line: Line) -> Option<Message> {
    let (target, said) = (line.target?, line.message?);
    if said.spans.is_empty() {
        return None;
    }
    let text =
        said.rendered.replace(&format!("src/bin/{}.rs", target.name), "src/main.rs");
    let text = text.lines().map(|line| without_registry(line) + "\n").collect::<String>();
    Some(Message {
        program: target.name,
        error: said.code.map_or(said.message, |code| code.code),
        text: text.trim_end().to_owned() + "\n",
    })
}

/// A place in a crate of the registry, without the folders that differ from machine to machine.
fn without_registry(line: &str) -> String {
    match line.split_once("/registry/src/") {
        Some((before, after)) => {
            let arrow = before.rfind(' ').map_or("", |at| &before[..=at]);
            let (_, path) = after.split_once('/').unwrap_or(("", after));
            format!("{arrow}{path}")
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_registry_names_no_folder_of_the_machine() {
        let line = "   --> /home/ann/.cargo/registry/src/a-registry-19/tokio-1.2.3/src/lib.rs:5:13";
        assert_eq!(without_registry(line), "   --> tokio-1.2.3/src/lib.rs:5:13");
        assert_eq!(without_registry(" --> src/main.rs:5:13"), " --> src/main.rs:5:13");
    }

    #[test]
    fn another_version_must_report_the_same_error_at_the_same_place() {
        let text = "error[E0308]: mismatched types\n --> src/main.rs:5:22\n  |\n5 | 1\n";
        assert_eq!(place(text), ("error[E0308]", "src/main.rs:5:22"));
        assert_eq!(place(&text.replace("mismatched", "different")), place(text));
        assert_ne!(place(&text.replace("5:22", "5:9")), place(text));
        assert_ne!(place(&text.replace("E0308", "E0277")), place(text));
    }

    #[test]
    fn a_message_that_only_counts_others_is_none() {
        let line = r#"{"reason":"compiler-message","target":{"name":"a"},"message":
            {"message":"aborting due to 1 previous error","code":null,"rendered":"","spans":[]}}"#;
        assert!(message(serde_json::from_str(line).expect("JSON")).is_none());
    }
}
