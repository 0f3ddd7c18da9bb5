//! A table, or JSON, shows which learner solved which exercise.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use unicode_width::UnicodeWidthStr;

use crate::{
    learner::{Learner, Progress},
    pack::{Pack, in_order},
};

/// Prints the progress of the learners in `folders`, as a table or as JSON. A learner whose progress
/// cannot be read is an error, after the others are printed.
pub(crate) fn print(packs: &[Pack], folders: &[String], json: bool) -> Result<()> {
    ensure!(!folders.is_empty(), "name the folder of at least one learner");
    let names = names(folders);
    let learners = names.into_iter().zip(folders);
    let class: Vec<_> = learners
        .map(|(name, folder)| Learner::of(name, Path::new(folder), packs))
        .collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&class)?);
    } else {
        print!("{}", table(&class, packs));
    }
    let problems: Vec<_> = class.iter().flat_map(|it| &it.problems).collect();
    for problem in &problems {
        eprintln!("{problem}");
    }
    let unread = class.iter().filter(|learner| !learner.problems.is_empty()).count();
    ensure!(unread == 0, "problems in {unread} of {} folders", class.len());
    Ok(())
}

/// The names of the learners: of their folders, or the whole paths if two names are the same.
fn names(folders: &[String]) -> Vec<String> {
    let name = |folder: &String| {
        // `.` has no name.
        let path =
            Path::new(folder).canonicalize().unwrap_or_else(|_| PathBuf::from(folder));
        path.file_name()
            .map_or(folder.clone(), |name| name.to_string_lossy().into_owned())
    };
    let names: Vec<_> = folders.iter().map(name).collect();
    let same = |name| names.iter().filter(|other| *other == name).count() > 1;
    if names.iter().any(same) { folders.to_vec() } else { names }
}

/// A row for each learner, and then a row for each exercise.
fn table(class: &[Learner], packs: &[Pack]) -> String {
    columns(&learners(class, packs)) + "\n" + &columns(&exercises(class, packs))
}

/// How many exercises of each pack a learner has solved, and where the learner is.
fn learners(class: &[Learner], packs: &[Pack]) -> Vec<Vec<String>> {
    let mut head = vec!["learner".to_owned()];
    head.extend(packs.iter().flat_map(|pack| [pack.name(), "now at".to_owned()]));
    let rows = class.iter().map(|learner| {
        let mut row = vec![learner.name.clone()];
        for pack in packs {
            let progress = learner.packs.iter().find(|it| it.pack == pack.name());
            row.extend(cells(progress, pack.exercises.len()));
        }
        row
    });
    [head].into_iter().chain(rows).collect()
}

fn cells(progress: Option<&Progress>, exercises: usize) -> [String; 2] {
    let Some(progress) = progress else { return ["-", "-"].map(str::to_owned) };
    let current = progress.current.as_deref().unwrap_or("not started").to_owned();
    [format!("{} of {exercises}", progress.solved.len()), current]
}

/// How many learners, and which, have solved each exercise.
fn exercises(class: &[Learner], packs: &[Pack]) -> Vec<Vec<String>> {
    let head = ["exercise", "solved", "by"].map(str::to_owned).to_vec();
    let rows = in_order(packs).into_iter().map(|(_, exercise)| {
        let has_solved = |it: &&Learner| {
            it.packs.iter().any(|pack| pack.solved.contains(&exercise.name))
        };
        let by: Vec<_> =
            class.iter().filter(has_solved).map(|it| it.name.as_str()).collect();
        vec![exercise.name.clone(), by.len().to_string(), by.join(", ")]
    });
    [head].into_iter().chain(rows).collect()
}

/// The rows with each column as wide as its widest cell.
fn columns(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cells = |column| rows.iter().filter_map(move |row| row.get(column));
    let widths: Vec<_> =
        (0..columns).map(|column| cells(column).map(|it| it.width()).max()).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let gap = width.unwrap_or_default() - cell.width() + 2;
            line += &format!("{cell}{:gap$}", "");
        }
        text += line.trim_end();
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::example;

    fn packs() -> [Pack; 2] {
        let exercise =
            |it: &str, dir: &str| example(&format!("name = {it:?}\ndir = {dir:?}"));
        let (first, last) = (
            exercise("queues1", "05_queues"),
            exercise("capstone_dataloader", "capstones"),
        );
        let middle = exercise("http1", "10_http_client");
        [
            Pack { folder: "crates/workshop".into(), exercises: vec![first, last] },
            Pack { folder: "crates/workshop-apps".into(), exercises: vec![middle] },
        ]
    }

    fn learner(name: &str, packs: &[(&str, Option<&str>, &[&str])]) -> Learner {
        let packs = packs.iter().map(|(pack, current, solved)| Progress {
            pack: (*pack).to_owned(),
            current: current.map(str::to_owned),
            solved: solved.iter().map(|it| (*it).to_owned()).collect(),
        });
        Learner { name: name.to_owned(), packs: packs.collect(), problems: Vec::new() }
    }

    #[test]
    fn the_table_counts_by_learner_and_by_exercise_over_both_packs() {
        let class = [
            learner(
                "ada",
                &[
                    ("workshop", Some("capstone_dataloader"), &["queues1"]),
                    ("workshop-apps", Some("http1"), &["http1"]),
                ],
            ),
            learner("明美 and bob", &[("workshop", None, &[])]),
            learner("eve", &[("workshop-apps", Some("http1"), &["http1"])]),
        ];
        let expected = "\
learner       workshop  now at               workshop-apps  now at
ada           1 of 2    capstone_dataloader  1 of 1         http1
明美 and bob  0 of 2    not started          -              -
eve           -         -                    1 of 1         http1

exercise             solved  by
queues1              1       ada
http1                2       ada, eve
capstone_dataloader  0
";
        assert_eq!(table(&class, &packs()), expected);
    }

    #[test]
    fn two_folders_of_the_same_name_are_told_apart_by_their_paths() {
        let folders = |names: [&str; 2]| names.map(str::to_owned);
        assert_eq!(names(&folders(["x/ada", "y/bob"])), ["ada", "bob"]);
        assert_eq!(names(&folders(["ada/pack", "bob/pack"])), ["ada/pack", "bob/pack"]);
    }
}
