//! Which learner solved which exercise, from the state files of `rustlings`.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use crate::pack::Pack;

/// Where `rustlings` keeps the progress of a pack.
const STATE: &str = ".rustlings-state.txt";

/// The first line of such a file.
const HEADER: &str = "DON'T EDIT THIS FILE!";

/// What a learner has done in one pack.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Progress {
    learner: String,
    /// The exercise that is open now; none before `rustlings` was first started.
    current: Option<String>,
    done: Vec<String>,
}

/// Prints a table and then the same as JSON, for the learners in `folders`: each is a copy of the
/// pack, or has one somewhere below it.
pub(crate) fn print(pack: &Path, folders: &[String]) -> Result<()> {
    ensure!(!folders.is_empty(), "name the folder of at least one learner");
    let pack = Pack::read(pack)?;
    let names: Vec<_> =
        pack.exercises.iter().map(|exercise| exercise.name.as_str()).collect();
    let class = folders.iter().map(|folder| progress(Path::new(folder), &pack, &names));
    let class: Vec<_> = class.collect::<Result<_>>()?;
    print!("{}", table(&class, &names));
    println!("\n{}", serde_json::to_string_pretty(&class)?);
    Ok(())
}

fn progress(folder: &Path, pack: &Pack, names: &[&str]) -> Result<Progress> {
    ensure!(folder.is_dir(), "{}: no such folder", folder.display());
    let learner = folder.canonicalize()?;
    let learner = learner.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let pack = pack.folder.file_name().unwrap_or_default();
    let folders =
        [folder.to_owned(), folder.join(pack), folder.join("crates").join(pack)];
    let Some((path, text)) = folders.iter().find_map(|folder| state(folder)) else {
        return Ok(Progress { learner, current: None, done: Vec::new() });
    };
    let (current, done) =
        parse(&text?, names).with_context(|| path.display().to_string())?;
    Ok(Progress { learner, current: Some(current), done })
}

/// The state file in a folder, if there is one.
fn state(folder: &Path) -> Option<(PathBuf, Result<String>)> {
    let path = folder.join(STATE);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        text => Some((path.clone(), text.with_context(|| path.display().to_string()))),
    }
}

/// The current exercise, and the solved ones in the order of the pack.
fn parse(text: &str, names: &[&str]) -> Result<(String, Vec<String>)> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    ensure!(lines.next() == Some(HEADER), "not a state file of rustlings");
    let Some(current) = lines.next() else { bail!("it names no exercise") };
    let solved: BTreeSet<_> = lines.collect();
    let unknown = solved.iter().find(|name| !names.contains(name));
    ensure!(unknown.is_none(), "the pack has no exercise {:?}", unknown.unwrap_or(&""));
    let done = names.iter().filter(|name| solved.contains(*name));
    Ok((current.to_owned(), done.map(|name| (*name).to_owned()).collect()))
}

/// A row for each learner, and how many have solved each exercise.
fn table(class: &[Progress], names: &[&str]) -> String {
    let width =
        class.iter().map(|it| it.learner.chars().count()).max().unwrap_or(0).max(7);
    let mut text = format!("{:width$}  solved  now at\n", "learner");
    for Progress { learner, current, done } in class {
        let current = current.as_deref().unwrap_or("not started");
        let solved = format!("{} of {}", done.len(), names.len());
        text += &format!("{learner:width$}  {solved:>8}  {current}\n");
    }
    text += "\nexercise            solved by\n";
    for name in names {
        let solved: Vec<_> =
            class.iter().filter(|it| it.done.iter().any(|done| done == name)).collect();
        let learners: Vec<_> = solved.iter().map(|it| it.learner.as_str()).collect();
        text += &format!("{name:18}  {:>3}  {}\n", solved.len(), learners.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "DON'T EDIT THIS FILE!\n\nqueues2\n\nqueues1\ncoroutines1";

    #[test]
    fn a_state_file_names_the_current_and_the_solved_exercises() {
        let names = ["coroutines1", "queues1", "queues2"];
        let done = vec!["coroutines1".to_owned(), "queues1".to_owned()];
        assert_eq!(parse(STATE, &names).unwrap(), ("queues2".to_owned(), done));
        let (_, none) = parse("DON'T EDIT THIS FILE!\n\nqueues2\n", &names).unwrap();
        assert!(none.is_empty());
    }

    #[test]
    fn another_file_and_an_unknown_exercise_are_refused() {
        let refused = |text: &str| parse(text, &["queues2"]).unwrap_err().to_string();
        assert_eq!(refused("hello\n"), "not a state file of rustlings");
        assert_eq!(refused("DON'T EDIT THIS FILE!\n"), "it names no exercise");
        assert_eq!(refused(STATE), "the pack has no exercise \"coroutines1\"");
    }

    #[test]
    fn the_table_counts_by_learner_and_by_exercise() {
        let learner = |name: &str, done: &[&str]| Progress {
            learner: name.to_owned(),
            current: Some("queues2".to_owned()),
            done: done.iter().map(|name| (*name).to_owned()).collect(),
        };
        let class = [learner("ada", &["queues1"]), learner("bob", &[])];
        let table = table(&class, &["queues1", "queues2"]);
        assert_eq!(
            table,
            "learner  solved  now at\n\
             ada        1 of 2  queues2\n\
             bob        0 of 2  queues2\n\n\
             exercise            solved by\n\
             queues1               1  ada\n\
             queues2               0  \n"
        );
    }
}
