//! The lane of a child process ends with ✗ if the child did not exit with 0.
#![cfg(not(target_family = "wasm"))]

use std::{convert::identity, env, ffi::OsString, path::Path};

use anyhow::{Context, anyhow, bail};
use async_kit::{Lane, say};
use distributed::{Child, Location, Printed, Settings};
use tokio::{process::Command, select, sync::watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::queue_options;

/// Which queue a child opens.
#[derive(Clone, Copy)]
pub(crate) struct QueueAt<'a> {
    pub(crate) location: &'a Location,
    pub(crate) name: &'a str,
    pub(crate) settings: &'a Settings,
}

/// A child process that is not yet started: this program with a role.
pub(crate) struct Role {
    name: &'static str,
    arguments: Vec<OsString>,
}

impl Role {
    /// A worker that writes its effects to this file.
    pub(crate) fn worker(effects: &Path) -> Self {
        Self { name: "worker", arguments: vec!["--effects".into(), effects.into()] }
    }

    /// A publisher of the letters with these numbers.
    pub(crate) fn publisher(first: usize, last: usize) -> Self {
        let arguments = [format!("--first={first}"), format!("--last={last}")];
        Self { name: "publisher", arguments: arguments.map(OsString::from).into() }
    }

    /// A process of a crawl that begins here.
    pub(crate) fn crawler(start: &str) -> Self {
        Self { name: "crawler", arguments: vec![start.into()] }
    }

    pub(crate) fn with(mut self, option: impl Into<OsString>) -> Self {
        self.arguments.push(option.into());
        self
    }

    /// Starts it on a queue, and prints its lines in a lane.
    pub(crate) fn start(
        self,
        queue: QueueAt<'_>,
        lane: impl Into<String>,
    ) -> anyhow::Result<Running> {
        let QueueAt { location, name, settings } = queue;
        let queue = queue_options::arguments(location, name, settings);
        self.start_with(queue, lane.into())
    }

    /// Starts it at a location, and prints its lines in a lane.
    pub(crate) fn start_at(
        self,
        location: &Location,
        lane: impl Into<String>,
    ) -> anyhow::Result<Running> {
        self.start_with(location.arguments(), lane.into())
    }

    fn start_with(self, queue: Vec<OsString>, lane: String) -> anyhow::Result<Running> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(self.name).args(self.arguments).args(queue);
        let child = Child::start(command);
        let child = child.with_context(|| format!("cannot start a {}", self.name))?;
        Ok(Running::follow(child, lane))
    }
}

/// A child process whose lines are printed. It is killed at the first step that it reports, and when this
/// value is dropped.
#[must_use = "dropping it kills the process"]
pub(crate) struct Running {
    lane: String,
    terminate: CancellationToken,
    lines: watch::Receiver<Vec<String>>,
    /// Its exit code, or `None` if a signal ended it.
    code: AbortOnDropHandle<anyhow::Result<Option<i32>>>,
}

impl Running {
    fn follow(child: Child, lane: String) -> Self {
        let terminate = CancellationToken::new();
        let (printed, lines) = watch::channel(Vec::new());
        let printing = print_all(child, terminate.clone(), printed);
        let succeeded = async {
            let code = printing.await;
            if matches!(code, Ok(Some(0))) { Ok(code) } else { Err(code) }
        };
        let succeeded = succeeded.try_lane(lane.clone());
        let code = tokio::spawn(async { succeeded.await.unwrap_or_else(identity) });
        Self { lane, terminate, lines, code: AbortOnDropHandle::new(code) }
    }

    /// Waits until it prints a line that begins with this.
    pub(crate) async fn printed(&mut self, beginning: &str) -> anyhow::Result<()> {
        let found = |lines: &Vec<String>| lines.iter().any(|l| l.starts_with(beginning));
        let printed = self.lines.wait_for(found).await.map(drop);
        let lane = &self.lane;
        printed
            .with_context(|| format!("{lane} has ended before it printed {beginning:?}"))
    }

    /// Returns an error when it has ended.
    pub(crate) async fn early_end(&mut self) -> anyhow::Error {
        // The sender is dropped when the process has ended.
        let _ = self.lines.wait_for(|_| false).await;
        anyhow!("{} has ended before it was asked to", self.lane)
    }

    /// Waits until it is killed at a step, and returns the lines that it has printed.
    pub(crate) async fn killed(self) -> anyhow::Result<Vec<String>> {
        let lane = self.lane.clone();
        match self.ended().await? {
            (lines, None) => Ok(lines),
            (_, Some(code)) => bail!("{lane} has exited with {code} before its step"),
        }
    }

    /// Waits until it exits with 0, and returns the lines that it has printed.
    pub(crate) async fn succeeded(self) -> anyhow::Result<Vec<String>> {
        let lane = self.lane.clone();
        match self.ended().await? {
            (lines, Some(0)) => Ok(lines),
            (_, Some(code)) => bail!("{lane} has exited with {code}"),
            (_, None) => bail!("{lane} was killed by a signal"),
        }
    }

    /// Sends SIGTERM, waits for the end, and returns the lines that it has printed, and its exit code.
    pub(crate) async fn terminated(self) -> anyhow::Result<(Vec<String>, Option<i32>)> {
        self.terminate.cancel();
        self.ended().await
    }

    /// Waits for the end, and returns the lines that it has printed, and its exit code.
    pub(crate) async fn ended(self) -> anyhow::Result<(Vec<String>, Option<i32>)> {
        let code = self.code.await??;
        Ok((self.lines.borrow().clone(), code))
    }
}

async fn print_all(
    mut child: Child,
    terminate: CancellationToken,
    lines: watch::Sender<Vec<String>>,
) -> anyhow::Result<Option<i32>> {
    let (mut terminated, mut holds_letter) = (false, false);
    loop {
        let next = async {
            match holds_letter {
                true => child.next().step("holding a letter").await,
                false => child.next().await,
            }
        };
        let printed = select! {
            printed = next => printed?,
            () = terminate.cancelled(), if !terminated => {
                terminated = true;
                ask_to_end(&child)?;
                continue;
            }
        };
        match printed {
            Some(Printed::Line(line)) => {
                say!("{line}");
                holds_letter = match line.split_once(' ').map_or(&*line, |(verb, _)| verb)
                {
                    "takes" => true,
                    "delivered" | "skipped" => false,
                    _ => holds_letter,
                };
                lines.send_modify(|lines| lines.push(line));
            }
            Some(Printed::Step(step)) => {
                child.kill().await?;
                say!("killed at the step {step:?}");
            }
            None => return Ok(child.wait().await?.code()),
        }
    }
}

#[cfg(unix)]
fn ask_to_end(child: &Child) -> anyhow::Result<()> {
    say!("is sent SIGTERM");
    Ok(child.terminate()?)
}

#[cfg(not(unix))]
fn ask_to_end(_: &Child) -> anyhow::Result<()> {
    anyhow::bail!("this system has no SIGTERM")
}
