//! A child process is killed at an exact step, because it prints the step and stops there.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    fmt::Display,
    io::{self, Write},
    process::{self, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use async_kit::TimeLimit;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{ChildStdin, ChildStdout, Command},
};

/// A child that prints nothing for this time is stuck. Arbitrary: far longer than any step takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Stops the whole process at this step, so that its parent can kill it there: on a current-thread
/// runtime no other task runs either. The parent reads the step with [`Child::next_step`].
pub fn stop_at(step: impl Display) -> ! {
    report_step(step);
    loop {
        thread::park();
    }
}

/// Prints the step, and returns.
pub fn report_step(step: impl Display) {
    // If the parent is dead, it reads nothing, and nothing else is left to do.
    let _ = writeln!(io::stdout(), "{STEP}{step}");
}

const STEP: &str = "at ";

/// Ends this process when its parent is dead, also if it has stopped at a step. Does nothing in a process
/// that was not started with [`Child::start`].
///
/// Dropping a [`Child`] kills it, but a parent that is itself killed drops nothing. The system closes its
/// end of the pipe to the child, though.
pub fn end_with_parent() {
    if env::var_os(ENDS_WITH_PARENT).is_some() {
        thread::spawn(|| {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            process::exit(1);
        });
    }
}

/// The variable of the environment that [`Child::start`] sets for [`end_with_parent`].
pub const ENDS_WITH_PARENT: &str = "DISTRIBUTED_ENDS_WITH_PARENT";

/// What a child has printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// It has reached this step, and may have stopped there.
    Step(String),
    /// Any other line.
    Line(String),
}

/// A process of this program, which is killed when this value is dropped.
#[must_use = "dropping it kills the process"]
pub struct Child {
    process: tokio::process::Child,
    /// Not left in `process`, which would close it before it waits for the end.
    _input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Child {
    /// Starts a process whose standard output is read here. It inherits standard error. If it calls
    /// [`end_with_parent`], it does not outlive this process.
    ///
    /// # Errors
    ///
    /// If the process cannot be started.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.env(ENDS_WITH_PARENT, "1").spawn()?;
        let input = process.stdin.take();
        let output = process.stdout.take().expect("stdout is a pipe, as set above");
        Ok(Self { process, _input: input, output: BufReader::new(output).lines() })
    }

    /// The next line that it has printed, or `None` if it has closed its output, usually because it has
    /// ended.
    ///
    /// # Errors
    ///
    /// If the line is no UTF-8, or does not come within 30 s.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no line is lost.
    pub async fn next(&mut self) -> io::Result<Option<Printed>> {
        let line = self.output.next_line().within(TIMEOUT).await.map_err(late)??;
        Ok(line.map(|line| match line.strip_prefix(STEP) {
            Some(step) => Printed::Step(step.to_owned()),
            None => Printed::Line(line),
        }))
    }

    /// Skips other lines until it has reached a step, and returns the step.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next); and if it ends before it reaches a step.
    ///
    /// # Cancel safety
    ///
    /// A dropped call has skipped the lines that it has read.
    pub async fn next_step(&mut self) -> io::Result<String> {
        while let Some(printed) = self.next().await? {
            if let Printed::Step(step) = printed {
                return Ok(step);
            }
        }
        let status = self.wait().await?;
        Err(io::Error::other(format!("the process ended before a step: {status}")))
    }

    /// Kills it as `kill -9` does, and returns when it is dead.
    ///
    /// # Errors
    ///
    /// If the system refuses it.
    ///
    /// # Cancel safety
    ///
    /// Once the first poll has returned, the process is killed.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.process.kill().await
    }

    /// Sends SIGTERM, which asks it to end. If it has ended already, does nothing.
    ///
    /// # Errors
    ///
    /// If the system refuses it.
    #[cfg(unix)]
    pub fn terminate(&self) -> io::Result<()> {
        use rustix::process::{Pid, Signal, kill_process};
        // A process that was not waited for keeps its id, so no other process can have it.
        let Some(pid) = self.process.id().and_then(|id| Pid::from_raw(id as i32)) else {
            return Ok(());
        };
        Ok(kill_process(pid, Signal::TERM)?)
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// If it does not end within 30 s.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().within(TIMEOUT).await.map_err(late)?
    }
}

fn late<E>(_: E) -> io::Error {
    let seconds = TIMEOUT.as_secs();
    let why = format!("the child process has done nothing for {seconds} s");
    io::Error::new(io::ErrorKind::TimedOut, why)
}
