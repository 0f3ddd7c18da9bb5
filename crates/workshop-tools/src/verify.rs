//! Every answer to the exercises of a pack passes its tests, or is refused, as its role demands.

use std::{
    fmt,
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    answers::{Answer, Role, answers},
    compile_error,
    crate_of_answers::Crate,
    pack::{Exercise, Pack},
    pack_lock::PackLock,
    role_check,
    test_process::Run,
};

/// Verifies every answer to the exercises of a pack, or to those with these names.
pub(crate) fn verify(folder: &Path, names: &[String]) -> Result<()> {
    let pack = Pack::read(folder)?;
    let exercises = chosen(&pack, names)?;
    let answers = answers(&pack, &exercises)?;
    let _alone = PackLock::acquire(&pack.folder)?;
    let start = Instant::now();
    let mut all = Crate::new(&pack, "answers")?;
    for answer in answers.iter().filter(|answer| answer.compiles()) {
        all.add(&answer.module, &answer.program)?;
    }
    let mut solutions = Crate::new(&pack, "solutions")?;
    for answer in answers.iter().filter(|answer| answer.role == Role::Solution) {
        solutions.add(&answer.module, &answer.program)?;
    }
    solutions.lint()?;
    let binary = all.compile()?;
    let compiled = start.elapsed();
    let tested = run_all(&answers, &binary);
    let slowest = slowest(&tested, &pack);
    let mut problems: Vec<_> = tested.into_iter().filter_map(Tested::problem).collect();
    for answer in &answers {
        if let Some(error) = answer.compile_error()
            && let name = &answer.exercise.name
            && let Some(why) = compile_error::problem(&pack.folder, name, error)?
        {
            problems.push(Problem { path: &answer.path, why });
        }
    }
    for problem in &problems {
        eprintln!("{problem}\n");
    }
    println!(
        "{} answers to {} of {} exercises: compiled in {:.0} s, tested in {:.0} s{slowest}",
        answers.len(),
        exercises.len(),
        pack.exercises.len(),
        compiled.as_secs_f64(),
        (start.elapsed() - compiled).as_secs_f64(),
    );
    let wrong = problems.len();
    ensure!(
        wrong == 0,
        "{wrong} of the answers do not pass, or are not refused, as their role demands"
    );
    Ok(())
}

/// The exercises with these names, or all.
fn chosen<'a>(pack: &'a Pack, names: &[String]) -> Result<Vec<&'a Exercise>> {
    for name in names {
        let known = pack.exercises.iter().any(|exercise| exercise.name == *name);
        ensure!(known, "the pack {} has no exercise {name:?}", pack.name());
    }
    let all = pack.exercises.iter();
    Ok(all.filter(|it| names.is_empty() || names.contains(&it.name)).collect())
}

/// Why the tests are wrong about an answer.
struct Problem<'a> {
    path: &'a Path,
    why: String,
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

/// How many answers run at the same time for each core: a stuck one waits for its watchdog, and needs
/// no core meanwhile.
const PER_CORE: usize = 4;

/// An answer whose tests have run.
struct Tested<'a> {
    path: &'a Path,
    took: Duration,
    /// Why the tests are wrong about it, if they are.
    why: Option<String>,
}

impl<'a> Tested<'a> {
    fn problem(self) -> Option<Problem<'a>> {
        self.why.map(|why| Problem { path: self.path, why })
    }
}

/// Runs the tests of the answers that compile, a few at a time.
fn run_all<'a>(answers: &'a [Answer<'a>], binary: &Path) -> Vec<Tested<'a>> {
    let queue = Mutex::new(answers.iter().filter(|answer| answer.compiles()));
    let tested = Mutex::new(Vec::new());
    let workers = PER_CORE * thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(answer) = queue.lock().unwrap().next() else { return };
                    let start = Instant::now();
                    let run = Run::of(binary, &answer.module);
                    let took = start.elapsed();
                    let why = role_check::problem(answer, run);
                    tested.lock().unwrap().push(Tested { path: &answer.path, took, why });
                }
            });
        }
    });
    tested.into_inner().unwrap()
}

/// The slowest answer, so that one which reaches the limit of a stuck run is noticed.
fn slowest(tested: &[Tested<'_>], pack: &Pack) -> String {
    let slowest = tested.iter().max_by_key(|answer| answer.took);
    slowest.map_or(String::new(), |Tested { path, took, .. }| {
        let path = path.strip_prefix(&pack.folder).unwrap_or(path);
        format!("; the slowest, {}, took {:.1} s", path.display(), took.as_secs_f64())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::example;

    #[test]
    fn the_named_exercises_are_chosen_or_all() {
        let exercises =
            ["queues1", "queues2"].map(|it| example(&format!("name = {it:?}")));
        let pack = Pack { folder: "crates/workshop".into(), exercises: exercises.into() };
        let names = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|it| (*it).to_owned()).collect();
            let chosen = chosen(&pack, &names)?;
            Ok(chosen.iter().map(|it| it.name.clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap(), ["queues1", "queues2"]);
        assert_eq!(names(&["queues2"]).unwrap(), ["queues2"]);
        let why: anyhow::Error = names(&["queues2", "queues3"]).unwrap_err();
        assert_eq!(why.to_string(), "the pack workshop has no exercise \"queues3\"");
    }

    #[test]
    fn the_slowest_answer_is_named() {
        let pack = Pack { folder: "crates/workshop".into(), exercises: Vec::new() };
        assert_eq!(slowest(&[], &pack), "");
        let tested = [("a.rs", 300), ("b.rs", 2_100), ("c.rs", 700)].map(|(name, ms)| {
            let path = pack.folder.join("wrong/queues1").join(name);
            (path, Duration::from_millis(ms))
        });
        let tested: Vec<_> = tested
            .iter()
            .map(|(path, took)| Tested { path, took: *took, why: None })
            .collect();
        let expected = "; the slowest, wrong/queues1/b.rs, took 2.1 s";
        assert_eq!(slowest(&tested, &pack), expected);
    }
}
