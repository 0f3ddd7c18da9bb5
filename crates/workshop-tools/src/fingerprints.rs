//! The list of a pack has a fingerprint of each exercise's tests, so that a changed test is noticed.

use std::fs;

use anyhow::{Context, Result};
use async_kit::exercise::fingerprint;

use crate::{
    answer::split,
    pack::{Exercise, INFO, Pack, read},
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
    let path = pack.folder.join(INFO);
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
    let text = lines.join("\n") + "\n";
    fs::write(&path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::pack::example;

    const QUEUES1: &str = "[[exercises]]\nname = \"queues1\"\nabout = \"mend it\"\n";

    /// What `write` makes of this list, and the fingerprint of the exercise in it.
    fn written(list: &str) -> Result<(String, String)> {
        let folder = tempdir().unwrap();
        let exercises = vec![example("name = \"queues1\"")];
        let pack = Pack { folder: folder.path().to_owned(), exercises };
        let exercise = pack.file("exercises", &pack.exercises[0]);
        fs::create_dir_all(exercise.parent().unwrap()).unwrap();
        fs::write(exercise, "fn main() {}\n#[cfg(test)]\nmod tests {\n}\n").unwrap();
        fs::write(folder.path().join(INFO), list).unwrap();
        write(&pack)?;
        let list = fs::read_to_string(folder.path().join(INFO)).unwrap();
        Ok((list, current(&pack, &pack.exercises[0]).unwrap()))
    }

    #[test]
    fn the_fingerprint_is_written_below_the_line_about_and_the_rest_is_kept() {
        let others = ["# The list.\n", "hint = \"\"\"\n1. Ask.\n\"\"\"\n"];
        let list = [others[0], QUEUES1, others[1]].concat();
        let (new, fingerprint) = written(&list).unwrap();
        let line = format!("checks = {fingerprint:?}\n");
        assert_eq!(new, [others[0], QUEUES1, &line, others[1]].concat());
        // It replaces the old one, wherever that lies.
        let old = [&list, "checks = \"old\"\n"].concat();
        assert_eq!(written(&old).unwrap().0, new);
    }

    #[test]
    fn a_list_without_the_exercise_or_its_line_about_is_refused() {
        let why = |list: &str| written(list).unwrap_err().to_string();
        assert_eq!(why(""), "the list has no line `name = \"queues1\"`");
        assert_eq!(why("name = \"queues1\"\n"), "name = \"queues1\" has no line `about`");
    }
}
