//! A worker is a process with two pipes, or a task with a connection in memory; the clock is asked through
//! both in the same way.

use std::{env, process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use async_kit::{TimeLimit, stage::record::Recorder};
use distributed::{Broker, Form, Location, answer_clock};
use tokio::{
    io::{AsyncRead, AsyncWrite, duplex, split},
    process::{Child, Command},
    task::JoinError,
};
use tokio_util::task::AbortOnDropHandle;

use crate::watched::work;

/// Far longer than any machine needs for a letter.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A worker that runs. It ends when this is dropped.
pub(super) struct Worker {
    body: Body,
    /// It has the worker's connection. When it is dropped, the worker finishes its letters and ends.
    answering: AbortOnDropHandle<std::io::Result<()>>,
}

enum Body {
    Process(Child),
    Task(AbortOnDropHandle<anyhow::Result<()>>),
}

impl Worker {
    /// Starts a process, or a task if only one process can open the queue.
    pub(super) fn start(
        name: &'static str,
        location: &Location,
        broker: &Arc<dyn Broker>,
    ) -> anyhow::Result<Self> {
        match location.form() {
            Form::Embedded => Self::task(name, Arc::clone(broker)),
            Form::Postgres | Form::JetStream => Self::process(name, location),
        }
    }

    pub(super) fn task(
        name: &'static str,
        broker: Arc<dyn Broker>,
    ) -> anyhow::Result<Self> {
        let (ours, theirs) = duplex(64);
        let (answers, questions) = split(theirs);
        let work = async move { work(name, &*broker, answers, questions).await };
        let (questions, answers) = split(ours);
        Ok(Self {
            body: Body::Task(AbortOnDropHandle::new(tokio::spawn(work))),
            answering: answering(questions, answers)?,
        })
    }

    fn process(name: &str, location: &Location) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["watched", "--name", name]).args(location.arguments());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("cannot start a worker")?;
        let questions = child.stdout.take().expect("it is piped");
        let answers = child.stdin.take().expect("it is piped");
        let answering = answering(questions, answers)?;
        Ok(Self { body: Body::Process(child), answering })
    }

    /// `kill -9`, or what comes nearest for a task: it is dropped at its current await.
    pub(super) async fn kill(self) -> anyhow::Result<()> {
        match self.body {
            Body::Process(mut child) => child.kill().await?,
            Body::Task(task) => {
                task.abort();
                let ended = task.await;
                ensure!(ended.is_err_and(|it| JoinError::is_cancelled(&it)), "it ended");
            }
        }
        Ok(())
    }

    /// Waits until the worker ends, which it must not do by itself.
    pub(super) async fn failure(&mut self) -> anyhow::Error {
        let ended = match &mut self.body {
            Body::Process(child) => child
                .wait()
                .await
                .context("a worker")
                .map(|status| format!("a worker has ended with {status}")),
            Body::Task(task) => task.await.context("a worker").and_then(|ended| {
                ended.map(|()| "a worker has ended too early".to_owned())
            }),
        };
        ended.map_or_else(|error| error, anyhow::Error::msg)
    }

    /// Closes the connection, and waits until the worker has finished its letters.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        drop(self.answering);
        match self.body {
            Body::Process(mut child) => {
                let status = child.wait().within(TIMEOUT).await??;
                ensure!(status.success(), "a worker has failed: {status}");
            }
            Body::Task(task) => task.within(TIMEOUT).await???,
        }
        Ok(())
    }
}

/// Answers what the clock of this run shows.
fn answering(
    questions: impl AsyncRead + Unpin + Send + 'static,
    answers: impl AsyncWrite + Unpin + Send + 'static,
) -> anyhow::Result<AbortOnDropHandle<std::io::Result<()>>> {
    let recorder = Recorder::current().context("there is no run to draw in")?;
    let answering = answer_clock(questions, answers, move || recorder.elapsed());
    Ok(AbortOnDropHandle::new(tokio::spawn(answering)))
}
