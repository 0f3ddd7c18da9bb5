//! What the compiler refuses is a result of Cargo; why Cargo could not ask the compiler is an error.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What Cargo has built, or what the compiler refused.
pub(crate) struct Build {
    pub(crate) success: bool,
    pub(crate) messages: Vec<Message>,
    /// What Cargo wrote for a human.
    pub(crate) text: String,
}

/// A line of Cargo's output as JSON, of any kind.
#[derive(Deserialize)]
pub(crate) struct Message {
    reason: String,
    success: Option<bool>,
    pub(crate) target: Option<Target>,
    /// What the compiler reports about the target.
    pub(crate) message: Option<Diagnostic>,
    /// The program that was built.
    pub(crate) executable: Option<PathBuf>,
}

/// A binary or a library.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
}

/// A message of the compiler.
#[derive(Deserialize)]
pub(crate) struct Diagnostic {
    pub(crate) level: String,
    pub(crate) message: String,
    pub(crate) code: Option<Code>,
}

#[derive(Deserialize)]
pub(crate) struct Code {
    pub(crate) code: String,
}

impl Build {
    /// Runs Cargo with these arguments, one of which is a `--message-format` of JSON.
    ///
    /// # Errors
    ///
    /// If Cargo fails before it asks the compiler: the manifest is wrong, there is no such binary, or a
    /// crate cannot be downloaded.
    pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).current_dir(folder).stdin(Stdio::null());
        let output = cargo.output().context("cannot run cargo")?;
        let lines = String::from_utf8_lossy(&output.stdout);
        let messages = lines.lines().filter_map(|line| serde_json::from_str(line).ok());
        let messages: Vec<Message> = messages.collect();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        // The last message of every build that has begun, also of one that fails.
        let finished = messages.iter().find(|it| it.reason == "build-finished");
        let Some(success) = finished.and_then(|it| it.success) else {
            bail!("cargo cannot build in {}:\n{text}", folder.display());
        };
        Ok(Self { success, messages, text })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;

    /// A package without dependencies whose only binary is `it`.
    pub(crate) fn package(program: &str) -> TempDir {
        let folder = tempdir().unwrap();
        // A workspace of its own, wherever the folder of temporary files lies.
        let manifest = "[package]\nname = \"it\"\nedition = \"2024\"\n[workspace]\n";
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.path().join("src/main.rs"), program).unwrap();
        folder
    }

    const CHECK: [&str; 4] = ["check", "--quiet", "--offline", "--message-format=json"];

    #[test]
    fn a_program_is_accepted_or_refused() {
        let folder = package("fn main() {}");
        assert!(Build::run(folder.path(), &CHECK).unwrap().success);
        let folder = package("fn main() { it() }");
        let build = Build::run(folder.path(), &CHECK).unwrap();
        assert!(!build.success);
        assert!(build.text.contains("could not compile `it`"), "{}", build.text);
    }

    #[test]
    fn a_failure_of_cargo_itself_is_an_error_with_its_text() {
        let folder = package("fn main() {}");
        let missing = "\n[dependencies]\nno-such = { path = \"no-such\" }\n";
        let path = folder.path().join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        fs::write(&path, manifest + missing).unwrap();
        let why = Build::run(folder.path(), &CHECK).err().expect("an error");
        let why = format!("{why:#}");
        assert!(why.contains("cargo cannot build") && why.contains("no-such"), "{why}");
    }
}
