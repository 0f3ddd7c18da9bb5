//! Each answer runs in a process of its own, with a time limit, and its result is judged.

use std::{
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    answer::{Wrong, split},
    compile_error,
    crate_of_answers::Crate,
    pack::{Exercise, Pack, read},
};

/// How long one answer may run. A stuck run is ended by the watchdogs within seven seconds; the
/// rest is for a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The kinds of answers, and what the checks must say of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As handed out: refused.
    Exercise,
    /// Passes.
    Solution,
    /// Another way: passes.
    Also,
    /// Refused, with its message.
    Wrong,
}

/// One answer to one exercise.
struct Answer<'a> {
    exercise: &'a Exercise,
    kind: Kind,
    path: PathBuf,
    module: String,
    /// The answer with the tests of its exercise.
    program: String,
}

/// Verifies every answer to the exercises of a pack, or to those with these names.
pub(crate) fn verify(folder: &Path, names: &[String]) -> Result<()> {
    let pack = Pack::read(folder)?;
    let unknown =
        names.iter().find(|name| pack.exercises.iter().all(|it| it.name != **name));
    ensure!(
        unknown.is_none(),
        "no exercise has the name {}",
        unknown.map_or("", |name| name)
    );
    let start = Instant::now();
    let answers = answers(&pack, names)?;
    let mut all = Crate::new(&pack)?;
    for answer in answers.iter().filter(|answer| answer.compiles()) {
        all.add(&answer.module, &answer.program)?;
    }
    let binary = all.compile()?;
    let compiled = start.elapsed();
    let mut problems = judge_all(&answers, &binary);
    for answer in &answers {
        if let Some(code) = answer.refused_with()
            && let Some(why) =
                compile_error::problem(&pack.folder, &answer.exercise.name, code)?
        {
            problems.push(Problem { path: &answer.path, why });
        }
    }
    for problem in &problems {
        eprintln!("{problem}\n");
    }
    println!(
        "{} answers to {} exercises: compiled in {:.0} s, judged in {:.0} s",
        answers.len(),
        pack.exercises.len(),
        compiled.as_secs_f64(),
        (start.elapsed() - compiled).as_secs_f64(),
    );
    ensure!(
        problems.is_empty(),
        "{} answers are not judged as they should be",
        problems.len()
    );
    Ok(())
}

fn answers<'a>(pack: &'a Pack, names: &[String]) -> Result<Vec<Answer<'a>>> {
    let mut answers = Vec::new();
    let chosen = |it: &&Exercise| names.is_empty() || names.contains(&it.name);
    for exercise in pack.exercises.iter().filter(chosen) {
        let handed_out = pack.file("exercises", exercise);
        let text = read(&handed_out)?;
        let (_, tests) =
            split(&text).with_context(|| handed_out.display().to_string())?;
        let mut add = |kind, path: PathBuf| -> Result<()> {
            let program = match kind {
                Kind::Exercise => text.clone(),
                _ => format!("{}\n{tests}", read(&path)?),
            };
            let module = format!("{}_{}", exercise.name, module_name(kind, &path));
            answers.push(Answer { exercise, kind, path, module, program });
            Ok(())
        };
        add(Kind::Exercise, handed_out.clone())?;
        add(Kind::Solution, pack.file("solutions", exercise))?;
        for path in pack.answers("also", exercise)? {
            add(Kind::Also, path)?;
        }
        for path in pack.answers("wrong", exercise)? {
            add(Kind::Wrong, path)?;
        }
    }
    Ok(answers)
}

fn module_name(kind: Kind, path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    match kind {
        Kind::Exercise => "exercise".to_owned(),
        Kind::Solution => "solution".to_owned(),
        Kind::Also => format!("also_{stem}"),
        Kind::Wrong => format!("wrong_{stem}"),
    }
}

impl Answer<'_> {
    /// The error code with which the compiler must refuse this answer.
    fn refused_with(&self) -> Option<&str> {
        let code = self.exercise.compile_error.as_deref();
        code.filter(|_| self.kind == Kind::Exercise)
    }

    fn compiles(&self) -> bool {
        self.refused_with().is_none()
    }

    /// Why the checks are wrong about this answer, if they are.
    fn problem(&self, binary: &Path) -> Option<Problem<'_>> {
        let run = run(binary, &self.module);
        let why = match (self.kind, run) {
            (_, Err(error)) => format!("{error:#}"),
            (Kind::Solution | Kind::Also, Ok(run)) if !run.passed => {
                format!("refused, and it is right:\n{}", run.output)
            }
            (Kind::Exercise | Kind::Wrong, Ok(run)) if run.passed => {
                "passes, and it is wrong".to_owned()
            }
            (Kind::Wrong, Ok(run)) => match Wrong::of(&self.program) {
                Err(error) => format!("{error:#}"),
                Ok(wrong) if wrong.is_explained_by(&run.output) => return None,
                Ok(wrong) => format!(
                    "refused without the message {:?}:\n{}",
                    wrong.message, run.output
                ),
            },
            _ => return None,
        };
        Some(Problem { path: &self.path, why })
    }
}

/// What is wrong with the judgement of an answer.
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

/// Judges the answers, a few at a time.
fn judge_all<'a>(answers: &'a [Answer<'a>], binary: &Path) -> Vec<Problem<'a>> {
    let queue = Mutex::new(answers.iter().filter(|answer| answer.compiles()));
    let problems = Mutex::new(Vec::new());
    let workers = PER_CORE * thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(answer) = queue.lock().unwrap().next() else { return };
                    let problem = answer.problem(binary);
                    problems.lock().unwrap().extend(problem);
                }
            });
        }
    });
    problems.into_inner().unwrap()
}

/// Reads a pipe to its end on a thread, so that the process is never kept waiting.
fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut text = Vec::new();
        pipe.read_to_end(&mut text).map(|_| text)
    })
}

/// How a test process ended.
struct Run {
    passed: bool,
    output: String,
}

/// Runs the tests of one module.
fn run(binary: &Path, module: &str) -> Result<Run> {
    let mut tests = Command::new(binary);
    tests.args([&format!("{module}::"), "--test-threads=1", "--color=never"]);
    // A learner usually has not set this, and then sees no backtrace.
    tests.env_remove("RUST_BACKTRACE");
    tests.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = tests.spawn().context("cannot run the tests")?;
    let reader = read_all(child.stdout.take().expect("it is piped"));
    let errors = read_all(child.stderr.take().expect("it is piped"));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("it has not ended after {} s", LIMIT.as_secs());
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut output = reader.join().expect("no panic")?;
    output.extend(errors.join().expect("no panic")?);
    let output = String::from_utf8_lossy(&output).into_owned();
    ensure!(!output.contains("running 0 tests"), "it has no tests");
    Ok(Run { passed: status.success(), output })
}
