//! The tests of an answer run in a process of its own, which ends within a time limit.

use std::{
    io::{self, Read},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// How long the tests of one answer may run. The kit ends each stuck run itself: in virtual time within
/// nine seconds, or after 45 s if the run writes lines; in real time after 22 s. So an answer
/// of which two tests are stuck in real time ends within this limit, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How a test process ended.
pub(crate) struct Run {
    pub(crate) passed: bool,
    /// What it wrote to both outputs.
    pub(crate) output: String,
}

impl Run {
    /// Runs the tests of one module of a test binary.
    pub(crate) fn of(binary: &Path, module: &str) -> Result<Self> {
        let mut tests = Command::new(binary);
        tests.args([&format!("{module}::"), "--test-threads=1", "--color=never"]);
        // A learner usually has not set this, and then sees no backtrace.
        tests.env_remove("RUST_BACKTRACE");
        let (status, output) = run(&mut tests, LIMIT)?;
        ensure!(!output.contains("running 0 tests"), "it has no tests");
        Ok(Self { passed: status.success(), output })
    }
}

/// Runs a program to its end, or kills it at the limit.
fn run(program: &mut Command, limit: Duration) -> Result<(ExitStatus, String)> {
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().context("cannot run the tests")?;
    let output = read_all(child.stdout.take().expect("it is piped"));
    let errors = read_all(child.stderr.take().expect("it is piped"));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("it has not ended after {} s", limit.as_secs_f64());
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut text = output.join().expect("no panic")?;
    text.extend(errors.join().expect("no panic")?);
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}

/// Reads a pipe to its end on a thread, so that the process is never kept waiting.
fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut text = Vec::new();
        pipe.read_to_end(&mut text).map(|_| text)
    })
}

#[cfg(test)]
mod tests {
    use std::env::current_exe;

    use super::*;

    #[test]
    fn the_tests_of_one_module_run() {
        // The tests of this program are at hand.
        let run = Run::of(&current_exe().unwrap(), "answer").unwrap();
        assert!(run.passed, "{}", run.output);
        assert!(run.output.contains("test answer::tests::"), "{}", run.output);
        assert!(!run.output.contains("test check::tests::"), "{}", run.output);
    }

    #[test]
    fn a_module_without_tests_is_an_error() {
        let run = Run::of(&current_exe().unwrap(), "no_such_module");
        assert_eq!(run.err().expect("an error").to_string(), "it has no tests");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let limit = Duration::from_millis(50);
        let why = run(Command::new("sleep").arg("3600"), limit).unwrap_err();
        assert_eq!(why.to_string(), "it has not ended after 0.05 s");
    }
}
