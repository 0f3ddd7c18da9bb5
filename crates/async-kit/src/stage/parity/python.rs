//! A twin runs in virtual time, under a loop of ours, without a change to it.

use std::{
    io::{self, Write},
    path::Path,
    process::Command,
};

use super::{
    line::Line, listing::Section, program, setting, setting::Setting, twin::Twin,
};

/// The program that runs a twin in virtual time.
const CLOCK: &str = include_str!("clock.py");

/// `asyncio.timeout` and `asyncio.TaskGroup` came with it, and twins are written with
/// them.
const OLDEST: (u32, u32) = (3, 11);

/// A Python that can run twins.
pub(super) struct Python;

impl Python {
    /// Finds `python3`; if there is none to use, says so on stderr.
    pub(super) fn find() -> Option<Self> {
        match Self::version() {
            Ok(version) if version >= OLDEST => return Some(Self),
            Ok((major, minor)) => {
                let (_, oldest) = OLDEST;
                skipped(&format!(
                    "python3 is {major}.{minor}, twins need 3.{oldest} or later"
                ));
            }
            Err(why) => skipped(&why),
        }
        None
    }

    fn version() -> Result<(u32, u32), String> {
        let output = program::run(Command::new("python3").arg("--version"))?;
        let version = output.trim().strip_prefix("Python ").unwrap_or_default();
        let mut numbers = version.split('.').map_while(|number| number.parse().ok());
        let both = numbers.next().zip(numbers.next());
        both.ok_or(format!("python3 --version says {output:?}"))
    }

    /// What a twin prints; every line of it has a time.
    pub(super) fn run(
        &self,
        twin: &Twin,
        setting: &Setting,
        section: &Section,
    ) -> Result<Vec<Line>, String> {
        let mut command = Command::new("python3");
        for knob in &section.knobs {
            command.env_remove(setting::variable(&knob.name));
        }
        command.envs(setting.variables());
        let output = program::run(with_clock(&mut command, &twin.path))?;
        let read =
            |line| Line::parse(line).ok_or(format!("{line:?} is not from `print`"));
        output.lines().map(read).collect()
    }
}

/// What a reader types to see the twin alone, in real time.
pub(super) fn by_hand(twin: &Twin, setting: &Setting) -> String {
    let variables = setting.variables().map(|(name, value)| format!("{name}={value} "));
    format!("{}python3 {}", variables.collect::<String>(), twin.path.display())
}

/// Makes `command` run `program` under the virtual clock.
fn with_clock<'a>(command: &'a mut Command, program: &Path) -> &'a mut Command {
    // The seed orders sets of strings the same way in every run.
    command.env("PYTHONHASHSEED", "0").env("PYTHONUTF8", "1");
    command.args(["-s", "-c", CLOCK]).arg(program)
}

fn skipped(why: &str) {
    // Not `eprintln!`: the test harness captures it, and a skip must be seen. If stderr
    // is closed, there is nobody to tell.
    let _ = writeln!(io::stderr(), "SKIPPED, no asyncio twin was run: {why}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs, path::PathBuf, process};

    /// A program in a file of its own, deleted with it.
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

        fn fast(&self) -> Result<String, String> {
            program::run(with_clock(&mut Command::new("python3"), &self.0))
        }

        fn prints(&self, expected: &[&str]) {
            let output = self.fast().unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(output.lines().collect::<Vec<_>>(), expected);
        }
    }

    impl Drop for Program {
        fn drop(&mut self) {
            // Nothing depends on it being gone.
            let _ = fs::remove_file(&self.0);
        }
    }

    /// Runs `body` as the body of `main` in virtual time, if there is a Python.
    fn fast(name: &str, body: &str, expected: &[&str]) {
        if Python::find().is_some() {
            Program::new(name, body).prints(expected);
        }
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
    fn events_queues_and_limits_keep_their_times() {
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
    fn the_clocks_of_the_program_are_virtual_too() {
        let body = "
await asyncio.sleep(3600)
loop = asyncio.get_running_loop()
print(loop.time(), time.time(), time.monotonic(), time.perf_counter_ns())
print('a\\nb', 'c', sep='-')
import sys
print('unseen', file=sys.stderr)";
        let expected = [
            "[3600.000s] 3600.0 3600.0 3600.0 3600000000000",
            "[3600.000s] a",
            "[3600.000s] b-c",
        ];
        fast("clocks", body, &expected);
    }

    #[test]
    fn a_deadlock_ends_the_program_and_names_who_waits() {
        if Python::find().is_none() {
            return;
        }
        let body = "
await asyncio.sleep(0.5)
try:
    await asyncio.create_task(asyncio.sleep(1))
    await asyncio.Queue().get()
finally:
    print('cleaned up')";
        let error =
            Program::new("deadlock", body).fast().expect_err("it can never go on");
        assert!(error.contains("DEADLOCK at 1.500s: nothing is left to run"), "{error}");
        assert!(error.contains(": await asyncio.Queue().get()"), "{error}");
        assert!(!error.contains("cleaned up"), "{error}");
    }

    #[test]
    fn a_program_named_like_a_module_of_python_is_refused() {
        if Python::find().is_none() {
            return;
        }
        let mut command = Command::new("python3");
        let error = program::run(with_clock(&mut command, Path::new("asyncio/queue.py")));
        let error = error.expect_err("it would hide the module queue");
        assert!(error.contains("give the section another name"), "{error}");
    }

    #[test]
    fn the_same_program_runs_alone_in_real_time() {
        if Python::find().is_none() {
            return;
        }
        let program = Program::new("alone", "await asyncio.sleep(0.001)\nprint('done')");
        let alone = program::run(Command::new("python3").arg(&program.0));
        assert_eq!(alone.as_deref().map(str::trim_end), Ok("done"));
        program.prints(&["[  0.001s] done"]);
    }
}
