//! `main` repeats the refusal of the checks below its timeline, where a learner reads it last.
//!
//! rustlings runs the checks, and then `main`, in another process. So the refusal is in a file beside
//! the built programs. Nothing fails because of this file: without it, `main` shows only its run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::SystemTime,
};

use super::unchanged::{is_exercise, pack};

/// Saves why the checks in the file of this exercise refuse its answer.
pub(super) fn save(exercise: &Path, refusal: &str) {
    if let Some(file) = env::current_exe().ok().and_then(|it| file_of(&it, exercise)) {
        let _ = fs::write(file, refusal);
    }
}

/// The refusal of the last checks, if the exercise was not edited since then. Each process gets it
/// once for all its runs, and the next process does not: checks that pass leave no file.
pub(super) fn of(exercise: &Path) -> Option<&'static str> {
    static REFUSAL: OnceLock<Option<String>> = OnceLock::new();
    let take =
        || take(&file_of(&env::current_exe().ok()?, exercise)?, &pack().join(exercise));
    REFUSAL.get_or_init(take).as_deref()
}

/// Reads the refusal, and removes the file.
fn take(file: &Path, exercise: &Path) -> Option<String> {
    let refusal = fs::read_to_string(file).ok()?;
    let is_current = modified(file)? >= modified(exercise)?;
    let _ = fs::remove_file(file);
    is_current.then_some(refusal)
}

/// The same file for the tests, in `debug/deps`, and for the program, in `debug`. `None` if this is no
/// exercise: a solution has the same name.
fn file_of(program: &Path, exercise: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    let folder = if folder.ends_with("deps") { folder.parent()? } else { folder };
    let name = exercise.file_stem().filter(|_| is_exercise(exercise))?;
    Some(folder.join(name).with_extension("refused"))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::Duration};

    use tempfile::tempdir;

    use super::*;

    #[test]
    fn the_tests_and_the_program_of_an_exercise_share_a_file() {
        let exercise = Path::new("exercises/05_queues/queues1.rs");
        let of_tests = file_of(Path::new("/target/debug/deps/queues1-0a"), exercise);
        assert_eq!(of_tests, Some("/target/debug/queues1.refused".into()));
        assert_eq!(file_of(Path::new("/target/debug/queues1"), exercise), of_tests);
        let solution = Path::new("solutions/05_queues/queues1.rs");
        assert_eq!(file_of(Path::new("/target/debug/queues1_sol"), solution), None);
    }

    #[test]
    fn a_refusal_is_read_once_and_not_after_an_edit() {
        let folder = tempdir().unwrap();
        let exercise = folder.path().join("queues1.rs");
        let file = folder.path().join("queues1.refused");
        fs::write(&exercise, "").unwrap();
        assert_eq!(take(&file, &exercise), None);
        fs::write(&file, "refused").unwrap();
        assert_eq!(take(&file, &exercise).as_deref(), Some("refused"));
        assert_eq!(take(&file, &exercise), None);
        fs::write(&file, "refused").unwrap();
        let later = modified(&file).unwrap() + Duration::from_secs(1);
        File::options().write(true).open(&exercise).unwrap().set_modified(later).unwrap();
        assert_eq!(take(&file, &exercise), None);
        assert!(!file.exists());
    }
}
