//! The list of a pack has a fingerprint of each exercise's tests, so that a changed test is noticed.

use std::fs;

use anyhow::{Context, Result};
use async_kit::exercise::fingerprint;

use crate::{
    answer::split,
    pack::{Exercise, Pack, read},
};

/// The fingerprint of the tests of an exercise, as they are now.
pub(crate) fn current(pack: &Pack, exercise: &Exercise) -> Result<String> {
    let path = pack.file("exercises", exercise);
    let text = read(&path)?;
    let (_, tests) = split(&text).with_context(|| path.display().to_string())?;
    Ok(fingerprint(tests))
}

/// Writes the fingerprints of all exercises into the list, each below the line `about`.
pub(crate) fn write(pack: &Pack) -> Result<()> {
    let path = pack.folder.join("info.toml");
    let text = read(&path)?;
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("checks = "))
        .map(str::to_owned)
        .collect();
    for exercise in &pack.exercises {
        let name = format!("name = {:?}", exercise.name);
        let start = lines.iter().position(|line| *line == name);
        let start = start.with_context(|| format!("the list has no line `{name}`"))?;
        let about = lines[start..].iter().position(|line| line.starts_with("about = "));
        let about =
            start + about.with_context(|| format!("{name} has no line `about`"))?;
        lines.insert(about + 1, format!("checks = {:?}", current(pack, exercise)?));
    }
    fs::write(path, lines.join("\n") + "\n")?;
    Ok(())
}
