//! A queue of letters, the processes that work on it, and the effects that they leave behind.

use std::{
    cell::Cell,
    io::{Write, stderr},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::ensure;
use async_kit::Millis;
use distributed::{
    Broker, Child, Effects, Form, Location, Message, Printed, Queue, Settings, Status,
};
use tempfile::TempDir;
use tokio::process::Command;

use crate::on_all::on_all_stored;

/// Runs a test on the embedded queue, and on each server that the environment names.
pub(crate) async fn on_all<F>(test: F)
where
    F: AsyncFn(&mut Fixture<'_>) -> anyhow::Result<()>,
{
    on_all_stored(async |location| {
        let mut fixture = Fixture::at(location);
        test(&mut fixture).await.unwrap_or_else(|error| panic!("{error:?}"));
        if fixture.kills() > 0 {
            // `just kills` adds them up. Not `eprintln!`: the test harness captures it.
            let killed = format!("KILLED {} on {}", fixture.kills(), location.form());
            let _ = writeln!(stderr(), "{killed}");
        }
    })
    .await;
}

pub(crate) struct Fixture<'a> {
    /// Short, because the letter of each killed worker waits for it. A slow machine may need longer: then
    /// a letter is delivered more often, which must not matter. A test to which it matters sets another.
    pub(crate) ack_wait: Duration,
    location: &'a Location,
    folder: TempDir,
    kills: Cell<usize>,
}

impl<'a> Fixture<'a> {
    pub(crate) fn at(location: &'a Location) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { ack_wait: 200.ms(), location, folder, kills: Cell::new(0) }
    }

    pub(crate) fn form(&self) -> Form {
        self.location.form()
    }

    /// How many processes can work at the same time: the embedded queue has one.
    pub(crate) fn workers(&self) -> usize {
        if self.form() == Form::Embedded { 1 } else { 2 }
    }

    /// A child process that works on the letters; see `src/worker.rs` and `src/publisher.rs`.
    pub(crate) fn start(&self, role: &str, options: &[&str]) -> anyhow::Result<Child> {
        Ok(Child::start(self.command(role, options))?)
    }

    pub(crate) fn command(&self, role: &str, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
        command.arg(role).args(options).args(self.location.arguments());
        command.args(["--queue=letters", "--max-deliver=1000"]);
        command.arg(format!("--ack-wait-ms={}", self.ack_wait.as_millis()));
        if role == "worker" {
            command.arg("--effects").arg(self.folder.path().join("effects.db"));
        }
        command.stderr(Stdio::inherit());
        command
    }

    /// Kills a process as `kill -9` does.
    pub(crate) async fn kill(&self, child: &mut Child) -> anyhow::Result<()> {
        self.kills.update(|kills| kills + 1);
        Ok(child.kill().await?)
    }

    /// How many processes were killed.
    pub(crate) fn kills(&self) -> usize {
        self.kills.get()
    }

    /// The queue, for this process. The embedded one must be dropped before a child is started.
    pub(crate) async fn open(&self) -> anyhow::Result<(Arc<dyn Broker>, Arc<dyn Queue>)> {
        let broker = self.location.open().await?;
        let settings = Settings {
            ack_wait: self.ack_wait,
            max_deliver: 1_000,
            ..Settings::default()
        };
        let queue = broker.queue("letters", settings).await?;
        Ok((broker, queue))
    }

    pub(crate) async fn publish(&self, count: usize) -> anyhow::Result<()> {
        let (_broker, queue) = self.open().await?;
        let letters = letters(count).into_iter();
        let letters = letters.map(|name| Message::new(name.clone()).id(name)).collect();
        for published in queue.publish(letters).await {
            published?;
        }
        Ok(())
    }

    pub(crate) async fn status(&self) -> anyhow::Result<Status> {
        let (_broker, queue) = self.open().await?;
        Ok(queue.status().await?)
    }

    /// Runs a worker until no letter is left.
    pub(crate) async fn deliver_the_rest(&self) -> anyhow::Result<Vec<String>> {
        let mut worker = self.start("worker", &["--until-empty"])?;
        let lines = lines(&mut worker).await?;
        let status = worker.wait().await?;
        ensure!(status.success(), "{status}: {lines:?}");
        Ok(lines)
    }

    pub(crate) async fn effects(&self) -> anyhow::Result<Vec<String>> {
        let effects = self.open_effects().await?;
        let list = effects.list().await?;
        effects.close().await;
        Ok(list)
    }

    pub(crate) async fn open_effects(&self) -> anyhow::Result<Effects> {
        let file = self.folder.path().join("effects.db");
        Ok(Effects::open(self.location, &file).await?)
    }

    /// Each of the letters has had its effect once, none is left, and none is dead.
    pub(crate) async fn assert_all_delivered(&self, count: usize) -> anyhow::Result<()> {
        let mut expected = letters(count);
        expected.sort();
        let (effects, status) = (self.effects().await?, self.status().await?);
        assert_eq!(effects, expected, "{status:?}");
        assert_eq!(status, Status::default(), "all effects have happened");
        Ok(())
    }
}

fn letters(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("letter-{n}")).collect()
}

/// The rest of the lines that a child prints.
pub(crate) async fn lines(child: &mut Child) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    while let Some(printed) = child.next().await? {
        if let Printed::Line(line) = printed {
            lines.push(line);
        }
    }
    Ok(lines)
}

/// Skips lines until one begins with this.
pub(crate) async fn wait_for(child: &mut Child, beginning: &str) -> anyhow::Result<()> {
    while let Some(printed) = child.next().await? {
        if matches!(printed, Printed::Line(line) if line.starts_with(beginning)) {
            return Ok(());
        }
    }
    anyhow::bail!("the process ended before {beginning:?}")
}

/// How long a process of a test runs before it is killed. It is no measurement: any time is right.
pub(crate) fn random_time() -> Duration {
    fastrand::u64(0..120).ms()
}
