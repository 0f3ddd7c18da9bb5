//! An exercise about an error of the compiler has exactly this error as it is handed out.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::pack::{Exercise, Pack};

/// Why the compiler does not say what the exercise is about, if so. `wanted` is an error code, or
/// part of the message of an error that has none.
pub(crate) fn problem(
    pack: &Pack,
    exercise: &Exercise,
    wanted: &str,
) -> Result<Option<String>> {
    let errors = errors(pack, &exercise.name)?;
    Ok(match &errors[..] {
        [] => Some("it compiles as it is handed out".to_owned()),
        [one] if one.contains(wanted) => None,
        _ => Some(format!(
            "the compiler reports not only {wanted:?}:\n{}",
            errors.join("\n")
        )),
    })
}

/// Each error in a binary, with its code if it has one.
fn errors(pack: &Pack, name: &str) -> Result<Vec<String>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["check", "--quiet", "--bin", name, "--message-format=json"]);
    cargo.current_dir(&pack.folder).stderr(Stdio::null());
    let output = cargo.output().context("cannot run cargo")?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
    Ok(messages
        .filter_map(|line: Line| line.message)
        .filter_map(Message::error)
        .collect())
}

/// A line of Cargo's output.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

/// What the compiler reports.
#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    code: Option<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

impl Message {
    /// The error, if this is one. The last message only counts the errors.
    fn error(self) -> Option<String> {
        let counts = self.message.starts_with("aborting due to");
        let code = self.code.map_or(String::new(), |it| format!("{}: ", it.code));
        (self.level == "error" && !counts).then(|| code + &self.message)
    }
}
