//! The parent measures: it names a step, and a child reports when it has done it.

use std::{
    env,
    io::{self, BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::spawn_blocking;

pub(crate) const JOBS: &str = "child-jobs";
pub(crate) const CRAWL: &str = "child-crawl";
pub(crate) const PLAIN_CRAWL: &str = "child-plain-crawl";
pub(crate) const ROLES: [&str; 3] = [JOBS, CRAWL, PLAIN_CRAWL];

/// A child of this program, which is killed when this value is dropped.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a child, which gets ready. The first [`step`] waits for it.
    pub(crate) fn start(role: &str, arguments: &[String]) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(role).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().context("it has no input")?;
        let output = child.stdout.take().context("it has no output")?;
        Ok(Self { child, input, output: BufReader::new(output).lines() })
    }

    fn number(&mut self) -> anyhow::Result<usize> {
        let line = self.output.next().context("the child has ended too early")??;
        line.parse().with_context(|| format!("the child has printed {line:?}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // If it has ended by itself, there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until all children are ready for their first step.
pub(crate) fn ready(processes: &mut [Process]) -> anyhow::Result<()> {
    processes.iter_mut().try_for_each(|process| process.number().map(drop))
}

/// Lets all children do a step at the same time. Returns how long it took until the last one had done it,
/// and the sum of what they report.
pub(crate) fn step(
    processes: &mut [Process],
    name: &str,
) -> anyhow::Result<(Duration, usize)> {
    let start = Instant::now();
    for process in &mut *processes {
        writeln!(process.input, "{name}")?;
    }
    let mut sum = 0;
    for process in processes {
        sum += process.number()?;
    }
    Ok((start.elapsed(), sum))
}

/// In a child: the name of the next step, or `None` if the parent needs no other.
pub(crate) async fn next_step() -> anyhow::Result<Option<String>> {
    let line = spawn_blocking(|| io::stdin().lines().next().transpose());
    Ok(line.await??)
}

/// In a child: reports that it is ready, or that its step is done.
pub(crate) fn done(number: usize) {
    println!("{number}");
}
