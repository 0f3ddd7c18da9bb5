//! The error of a failed program contains the last lines that the program printed.

use std::{fmt::Display, process::Command};

/// Runs a command to its end and returns its standard output. If the command fails, the error shows
/// its output.
pub(super) fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().map_err(|error| format!("cannot run {program}: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(stdout)
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        Err(failure(&program, &output.status, &stdout, &stderr))
    }
}

/// The error message for a failed program.
pub(super) fn failure(
    program: &str,
    status: &dyn Display,
    stdout: &str,
    stderr: &str,
) -> String {
    format!("{program} failed ({status})\n{}{stderr}", last_lines(stdout))
}

/// The last lines of the output, which show what the program did before it failed. Ten is arbitrary.
fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(10);
    lines[from..].iter().map(|line| format!("{line}\n")).collect()
}
