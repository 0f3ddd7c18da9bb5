//! A twin runs in virtual time without a change to it, because the event loop is replaced.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use super::{line::Line, program, setting::Setting, tasks, twin::Twin};
use crate::stage::record::Recording;

/// The program that runs twins in virtual time.
const CLOCK: &str = concat!(include_str!("reporting.py"), include_str!("clock.py"));

/// The first version with `asyncio.timeout` and `asyncio.TaskGroup`, which the twins use.
const OLDEST: (u32, u32) = (3, 11);

/// A Python process that runs the twins one after the other, because starting Python takes longer
/// than running a twin.
pub(super) struct Python(Mutex<Process>);

struct Process {
    child: Child,
    jobs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts `python3`. If there is no usable one, prints a warning to standard error.
    pub(super) fn find() -> Option<Self> {
        match Process::start() {
            Ok(process) => Some(Self(Mutex::new(process))),
            Err(why) => {
                warn_skipped(&why);
                None
            }
        }
    }

    /// One Python process for all tests of this crate. When the tests end, its standard input is
    /// closed, and it ends too.
    #[cfg(test)]
    pub(super) fn shared() -> Option<&'static Self> {
        static SHARED: std::sync::LazyLock<Option<Python>> =
            std::sync::LazyLock::new(Python::find);
        SHARED.as_ref()
    }

    /// Runs a twin and returns the lines that it prints; every line must have a time.
    pub(super) fn run(
        &self,
        twin: &Twin,
        setting: &Setting,
    ) -> Result<Vec<Line>, String> {
        let output = self.output(&twin.path, setting)?;
        let read = |line| {
            let path = twin.path.display();
            let why = || format!("{path}: {line:?} was not printed with `print`");
            Line::parse(line).ok_or_else(why)
        };
        output.lines().map(read).collect()
    }

    /// Runs a twin with the defaults and returns a recording of its tasks, whose places lie in `file`.
    pub(super) fn record(&self, program: &Path, file: &str) -> Result<Recording, String> {
        let reports = ("REPORT_TASKS".to_owned(), "1".to_owned());
        let output = self.output_with(program, [reports])?;
        tasks::recording(&output, file)
    }

    fn output(&self, program: &Path, setting: &Setting) -> Result<String, String> {
        self.output_with(program, setting.variables())
    }

    fn output_with(
        &self,
        program: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<String, String> {
        let mut process = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let program = program.to_str().ok_or("the path is not UTF-8")?;
        process
            .run(program, variables)
            .unwrap_or_else(|error| Err(format!("python3: {error}")))
    }
}

impl Process {
    fn start() -> Result<Self, String> {
        let mut command = Command::new("python3");
        // With a fixed seed, sets of strings have the same order in every run.
        command
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONUTF8", "1")
            .args(["-s", "-c", CLOCK]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| format!("cannot run python3: {error}"))?;
        let jobs = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut process = Self { child, jobs, answers };
        process.check_version()?;
        Ok(process)
    }

    fn check_version(&mut self) -> Result<(), String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| format!("python3: {error}"))?;
        usable(&line)
    }

    /// The outer error is an error of the pipes to Python, the inner error is one of the program.
    fn run(
        &mut self,
        program: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> io::Result<Result<String, String>> {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| format!("\t{name}={value}"));
        let job = format!("{program}{}\n", variables.collect::<String>());
        self.jobs.as_mut().expect("it is piped").write_all(job.as_bytes())?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let [code, out, err] = numbers(&line).ok_or_else(|| io::Error::other(line))?;
        let (stdout, stderr) = (self.text(out)?, self.text(err)?);
        Ok(match code {
            0 => Ok(stdout),
            _ => Err(program::failure(
                program,
                &format!("exit code {code}"),
                &stdout,
                &stderr,
            )),
        })
    }

    fn text(&mut self, length: u32) -> io::Result<String> {
        let mut bytes = vec![0; length as usize];
        self.answers.read_exact(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // When its input is closed, the process ends.
        drop(self.jobs.take());
        let _ = self.child.wait();
    }
}

/// Whether a Python can run the twins. `line` is the first line that it prints: the two numbers of
/// its version, and whether it can fork.
fn usable(line: &str) -> Result<(), String> {
    let (_, oldest) = OLDEST;
    match numbers(line)
        .ok_or(format!("python3 printed {line:?} instead of its version"))?
    {
        [major, minor, _] if (major, minor) < OLDEST => {
            Err(format!("python3 is {major}.{minor}, twins need 3.{oldest} or later"))
        }
        [_, _, 0] => Err("this python3 cannot fork".into()),
        _ => Ok(()),
    }
}

fn numbers(line: &str) -> Option<[u32; 3]> {
    let numbers: Vec<u32> =
        line.split_whitespace().map_while(|number| number.parse().ok()).collect();
    numbers.try_into().ok()
}

/// The command that runs the twin alone, in real time.
pub(super) fn command_line(twin: &Twin, setting: &Setting) -> String {
    let variables = setting.variables().map(|(name, value)| format!("{name}={value} "));
    format!("{}python3 {}", variables.collect::<String>(), twin.path.display())
}

fn warn_skipped(why: &str) {
    // Not `eprintln!`: the test harness captures it, and the warning must be visible. If standard
    // error is closed, the warning cannot be printed, so an error is ignored.
    let _ = writeln!(io::stderr(), "SKIPPED, no asyncio twin was run: {why}");
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::PathBuf, process};

    use super::*;
    use crate::stage::record::{Ending, Place, What};

    /// A program in a temporary file, which is deleted when this value is dropped.
    struct Program(PathBuf);

    impl Program {
        fn new(name: &str, body: &str) -> Self {
            let path = env::temp_dir().join(format!("clock-{}-{name}.py", process::id()));
            let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
            let source = format!(
                "import asyncio, time\n\nasync def main():\n{body}\nasyncio.run(main())\n"
            );
            fs::write(&path, source).expect("a temporary file");
            Self(path)
        }

        fn prints(&self, python: &Python, expected: &[&str]) {
            let output = python.output(&self.0, &Setting::default());
            let output = output.unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(output.lines().collect::<Vec<_>>(), expected);
        }
    }

    impl Drop for Program {
        fn drop(&mut self) {
            // If it cannot be deleted, a temporary file stays, and nothing depends on it.
            let _ = fs::remove_file(&self.0);
        }
    }

    /// Runs `body` as the body of `main` in virtual time, if there is a Python.
    fn fast(name: &str, body: &str, expected: &[&str]) {
        if let Some(python) = Python::shared() {
            Program::new(name, body).prints(python, expected);
        }
    }

    #[test]
    fn a_python_that_forks_is_usable_from_3_11_on() {
        for line in ["3 11 1\n", "3 12 1\n", "3 14 1\n", "4 0 1\n"] {
            assert_eq!(usable(line), Ok(()), "{line:?}");
        }
        let refused = |line| usable(line).expect_err("it cannot run the twins");
        assert_eq!(refused("3 10 1\n"), "python3 is 3.10, twins need 3.11 or later");
        assert_eq!(refused("2 12 1\n"), "python3 is 2.12, twins need 3.11 or later");
        assert_eq!(refused("3 13 0\n"), "this python3 cannot fork");
        for line in ["", "3\n", "3 11\n", "3 11 1 0\n", "3 x 1\n"] {
            assert!(refused(line).contains("instead of its version"), "{line:?}");
        }
    }

    /// Otherwise every comparison with a twin would be skipped, and no test would fail.
    #[test]
    fn a_python_that_calls_itself_usable_is_used() {
        let itself = "import os, sys\n\
                      sys.exit(not hasattr(os, 'fork') or sys.version_info < (3, 11))";
        let status = Command::new("python3").args(["-c", itself]).status();
        let usable = status.is_ok_and(|status| status.success());
        assert_eq!(Python::shared().is_some(), usable);
    }

    #[test]
    fn equal_deadlines_fire_in_the_order_in_which_they_were_set() {
        let body = "
async def job(n):
    await asyncio.sleep([0.3, 0.1 + 0.2, 0.6 / 2][n % 3])
    print(n)
await asyncio.gather(*map(job, range(9)))";
        let expected = (0..9).map(|n| format!("[  0.300s] {n}")).collect::<Vec<_>>();
        fast("ties", body, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn a_task_group_cancels_in_the_same_order_in_every_run() {
        let body = "
async def child(n):
    try:
        await asyncio.sleep(1)
    finally:
        print(n)
try:
    async with asyncio.TaskGroup() as group:
        for n in range(9):
            group.create_task(child(n))
        await asyncio.sleep(0.5)
        raise ValueError
except* ValueError:
    pass";
        let expected = (0..9).map(|n| format!("[  0.500s] {n}")).collect::<Vec<_>>();
        fast("cancel", body, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn a_deadline_is_rounded_up_to_a_millisecond() {
        let body = "
for seconds in 0.0001, 0.001, 0.0011, 0.1 + 0.2, 0:
    await asyncio.sleep(seconds)
    print(seconds)";
        let expected = [
            "[  0.001s] 0.0001",
            "[  0.002s] 0.001",
            "[  0.004s] 0.0011",
            "[  0.304s] 0.30000000000000004",
            "[  0.304s] 0",
        ];
        fast("rounding", body, &expected);
    }

    #[test]
    fn events_queues_and_timeouts_happen_at_their_times() {
        let body = "
event, queue = asyncio.Event(), asyncio.Queue(1)
async def produce():
    for n in range(3):
        await queue.put(n)
        print('produced', n)
    await asyncio.sleep(0.5)
    event.set()
async def consume():
    for _ in range(3):
        await asyncio.sleep(0.1)
        print('consumed', await queue.get())
    await event.wait()
    print('event')
async with asyncio.TaskGroup() as group:
    group.create_task(produce())
    group.create_task(consume())
try:
    async with asyncio.timeout(0.25):
        await asyncio.sleep(10)
except TimeoutError:
    print('late')
try:
    await asyncio.wait_for(event.wait(), 1)
    await asyncio.wait_for(asyncio.sleep(10), 1)
except TimeoutError:
    print('too late')";
        let expected = [
            "[  0.000s] produced 0",
            "[  0.100s] consumed 0",
            "[  0.100s] produced 1",
            "[  0.200s] consumed 1",
            "[  0.200s] produced 2",
            "[  0.300s] consumed 2",
            "[  0.700s] event",
            "[  0.950s] late",
            "[  1.950s] too late",
        ];
        fast("tools", body, &expected);
    }

    #[test]
    fn each_task_is_recorded_with_its_lines_and_its_end() {
        let Some(python) = Python::shared() else { return };
        let body = "
async def job(n):
    await asyncio.sleep(0.1)
    print(n)
    if n == 1:
        raise ValueError
jobs = [asyncio.create_task(job(n)) for n in range(3)]
await asyncio.sleep(0.05)
jobs[2].cancel()
await asyncio.wait(jobs)
print('main ends')";
        let program = Program::new("recorded", body);
        let recording = python.record(&program.0, "a.py").expect("it runs");
        let names: Vec<_> =
            recording.lanes.iter().map(|lane| lane.name.as_str()).collect();
        assert_eq!(names, ["main", "job", "job", "job"]);
        let events = recording.events.iter().filter_map(|event| {
            let what = match &event.what {
                What::Said(text) => text.clone(),
                What::Ended(ending) => format!("{ending:?}"),
                _ => return None,
            };
            Some((event.at.as_millis(), event.lane.map_or(9, |lane| lane.0), what))
        });
        let expected = [
            (50, 3, "Dropped"),
            (100, 1, "0"),
            (100, 1, "Done"),
            (100, 2, "1"),
            (100, 2, "Failed"),
            (100, 0, "main ends"),
            (100, 0, "Done"),
        ];
        let expected = expected.map(|(at, lane, what)| (at, lane, what.to_owned()));
        assert_eq!(events.collect::<Vec<_>>(), expected);
    }

    /// The tasks of a program with the source where each was made, and each event that has a place with
    /// its time, its lane, its kind and its source.
    fn places(python: &Python, program: &Program) -> (Vec<String>, Vec<String>) {
        let source = fs::read_to_string(&program.0).expect("a program");
        let at = |place: &Place| {
            let line = source.lines().nth(place.line() as usize - 1).expect("a line");
            line.trim().trim_start_matches("await ").to_owned()
        };
        let recording = python.record(&program.0, "a.py").expect("it runs");
        let lanes = recording.lanes.iter().map(|lane| {
            format!(
                "{}: {}",
                lane.name,
                lane.made_at.as_ref().map(at).unwrap_or_default()
            )
        });
        let events = recording.events.iter().filter_map(|event| {
            let what = if event.what == What::Waits { "waits" } else { "says" };
            let (place, lane) = (event.place.as_ref()?, event.lane?.0);
            let name = &recording.lanes[lane].name;
            Some(format!("{} {name} {what}: {}", event.at.as_millis(), at(place)))
        });
        (lanes.collect(), events.collect())
    }

    #[test]
    fn a_task_waits_at_the_innermost_line_of_its_program() {
        let Some(python) = Python::shared() else { return };
        let body = "
import contextlib
def tell(n):
    print(n)
async def deep():
    await asyncio.sleep(0.01)
async def outer():
    await deep()
    tell(1)
async def ticks():
    await asyncio.sleep(0.02)
    yield 2
@contextlib.asynccontextmanager
async def manager():
    await asyncio.sleep(0.03)
    yield 3
class Awaitable:
    def __await__(self):
        yield from asyncio.sleep(0.04).__await__()
await outer()
async for n in ticks():
    tell(n)
async with manager():
    await Awaitable()
class Wrapper:
    def __await__(self):
        return deep().__await__()
await Wrapper()
await anext(ticks(), None)
try:
    async with asyncio.timeout(0.05):
        await asyncio.Event().wait()
except TimeoutError:
    print(4)
for limit in 1, 0.005:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(deep(), limit)";
        let program = Program::new("places", body);
        let (lanes, events) = places(python, &program);
        // `wait_for` makes no lane. The loop closes the generator that was not read to its end.
        assert_eq!(lanes, ["main: asyncio.run(main())", "async_generator_athrow: "]);
        let expected = [
            "0 main waits: asyncio.sleep(0.01)",
            "10 main says: print(n)",
            "10 main waits: asyncio.sleep(0.02)",
            "30 main says: print(n)",
            "30 main waits: asyncio.sleep(0.03)",
            "60 main waits: yield from asyncio.sleep(0.04).__await__()",
            "100 main waits: asyncio.sleep(0.01)",
            "110 main waits: asyncio.sleep(0.02)",
            "130 main waits: asyncio.Event().wait()",
            "180 main says: print(4)",
            "180 main waits: asyncio.sleep(0.01)",
            "190 main waits: asyncio.sleep(0.01)",
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_task_that_waits_for_tasks_has_a_line_of_its_own() {
        let Some(python) = Python::shared() else { return };
        let body = "
async def job(n):
    await asyncio.sleep(n / 100)
    print(n)
async with asyncio.TaskGroup() as group:
    group.create_task(job(1))
await asyncio.gather(
    job(2),
    job(3),
)
ended = [asyncio.create_task(job(0))]
await asyncio.wait(ended)
await asyncio.gather(*ended)
await asyncio.wait_for(ended[0], 1)";
        let program = Program::new("tasks", body);
        let (lanes, events) = places(python, &program);
        let made = [
            "main: asyncio.run(main())",
            "job: group.create_task(job(1))",
            "job: asyncio.gather(",
            "job: asyncio.gather(",
            "job: ended = [asyncio.create_task(job(0))]",
        ];
        assert_eq!(lanes, made);
        let expected = [
            "0 main waits: async with asyncio.TaskGroup() as group:",
            "0 job waits: asyncio.sleep(n / 100)",
            "10 job says: print(n)",
            "10 main waits: asyncio.gather(",
            "10 job waits: asyncio.sleep(n / 100)",
            "10 job waits: asyncio.sleep(n / 100)",
            "30 job says: print(n)",
            "40 job says: print(n)",
            "40 main waits: asyncio.wait(ended)",
            "40 job waits: asyncio.sleep(n / 100)",
            "40 job says: print(n)",
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_task_that_is_cancelled_before_it_begins_was_never_polled() {
        let Some(python) = Python::shared() else { return };
        let body = "
async def job():
    try:
        await asyncio.sleep(1)
    finally:
        print('cleans up')
early, late = asyncio.create_task(job()), asyncio.create_task(job())
early.cancel()
await asyncio.sleep(0.01)
late.cancel()
await asyncio.wait([early, late])";
        let program = Program::new("never", body);
        let recording = python.record(&program.0, "a.py").expect("it runs");
        let ended = recording.events.iter().filter_map(|event| match event.what {
            What::Ended(ending) => Some((event.at.as_millis(), event.lane?.0, ending)),
            _ => None,
        });
        let expected = [
            (0, 1, Ending::NeverPolled),
            (10, 2, Ending::Dropped),
            (10, 0, Ending::Done),
        ];
        assert_eq!(ended.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_clock_that_the_program_can_read_is_virtual() {
        let body = "
await asyncio.sleep(3600)
loop = asyncio.get_running_loop()
print(loop.time(), time.time(), time.monotonic(), time.perf_counter_ns())
print('a\\nb', 'c', sep='-')
import sys
print('not in the output', file=sys.stderr)";
        let expected = [
            "[3600.000s] 3600.0 3600.0 3600.0 3600000000000",
            "[3600.000s] a",
            "[3600.000s] b-c",
        ];
        fast("clocks", body, &expected);
    }

    #[test]
    fn a_deadlock_ends_the_program_and_names_the_waiting_line() {
        let Some(python) = Python::shared() else { return };
        let body = "
await asyncio.sleep(0.5)
try:
    await asyncio.create_task(asyncio.sleep(1))
    await asyncio.Queue().get()
finally:
    print('cleaned up')";
        let program = Program::new("deadlock", body);
        let error = python.output(&program.0, &Setting::default());
        let error = error.expect_err("it never ends");
        assert!(error.contains("DEADLOCK at 1.500s: nothing is left to run"), "{error}");
        assert!(error.contains(": await asyncio.Queue().get()"), "{error}");
        assert!(!error.contains("cleaned up"), "{error}");
    }

    #[test]
    fn a_program_with_the_name_of_a_python_module_is_refused() {
        let Some(python) = Python::shared() else { return };
        let error = python.output(Path::new("asyncio/queue.py"), &Setting::default());
        let error = error.expect_err("it would hide the module queue");
        assert!(error.contains("give the section another name"), "{error}");
    }

    #[test]
    fn the_same_program_runs_alone_in_real_time() {
        let Some(python) = Python::shared() else { return };
        let program = Program::new("alone", "await asyncio.sleep(0.001)\nprint('done')");
        let alone = program::run(Command::new("python3").arg(&program.0));
        assert_eq!(alone.as_deref().map(str::trim_end), Ok("done"));
        program.prints(python, &["[  0.001s] done"]);
    }

    #[test]
    fn one_python_runs_many_programs_that_do_not_affect_each_other() {
        let Some(python) = Python::shared() else { return };
        let leaves =
            Program::new("leaves", "time.left = 1\nawait asyncio.sleep(5)\nprint('a')");
        let fails = Program::new("fails", "raise ValueError('no luck')");
        let looks = Program::new("looks", "print(hasattr(time, 'left'))");
        leaves.prints(python, &["[  5.000s] a"]);
        let error = python.output(&fails.0, &Setting::default()).expect_err("it raises");
        assert!(error.contains("ValueError: no luck"), "{error}");
        looks.prints(python, &["[  0.000s] False"]);
    }

    #[test]
    fn a_failure_is_reported_by_its_own_traceback_alone() {
        let Some(python) = Python::shared() else { return };
        let fails = Program::new("traceback", "raise ValueError('no luck')");
        let error = python.output(&fails.0, &Setting::default()).expect_err("it raises");
        assert_eq!(error.matches("Traceback").count(), 1, "{error}");
        assert!(error.trim_end().ends_with("ValueError: no luck"), "{error}");
    }

    #[test]
    fn a_print_without_a_line_break_is_refused_on_standard_output_only() {
        let Some(python) = Python::shared() else { return };
        let body = "import sys\nprint('a', end='', file=sys.stderr)\nprint('b', end='')";
        let program = Program::new("end", body);
        let error = python.output(&program.0, &Setting::default());
        let error = error.expect_err("say! prints whole lines too");
        assert!(error.contains("a twin prints whole lines, without end"), "{error}");
    }

    #[test]
    fn a_program_killed_by_a_signal_does_not_stop_the_next_one() {
        let Some(python) = Python::shared() else { return };
        let dies = Program::new("dies", "import os\nos.kill(os.getpid(), 9)");
        let lives = Program::new("lives", "print('a')");
        let error = python.output(&dies.0, &Setting::default()).expect_err("it dies");
        assert!(error.contains("exit code 137"), "{error}");
        lives.prints(python, &["[  0.000s] a"]);
    }
}
