//! A child process is a stream of lines that ends with its status; dropped, it is killed.
//!
//! asyncio: `create_subprocess_exec` and `async for line in process.stdout`; a cancelled reader
//! does not end the process. Tokio: the same, with `kill_on_drop(true)`, which is off unless you
//! ask for it. A process that fails has printed good lines before, so its status is a part
//! of its output: here the last item of the stream.

use std::{
    io,
    pin::pin,
    process::{ExitStatus, Stdio},
};

use async_kit::{Lane, say};
use async_stream::try_stream;
use futures::{Stream, TryStreamExt};
use tokio::{io::BufReader, process::Command};

use crate::lines::{Line, next_line};

/// What a line may have in bytes. Arbitrary: no terminal shows that much.
const LONGEST: usize = 64 << 10;

/// One child ends well, one fails, and one that would never end is dropped.
pub(crate) async fn run() -> anyhow::Result<()> {
    let counting = "for n in 1 2 3; do echo line $n; sleep 0.04; done";
    follow(shell(counting), usize::MAX).lane("counts").await;
    follow(shell("echo one good line; exit 3"), usize::MAX).lane("fails").await;
    let endless = "while true; do echo and on; sleep 0.02; done";
    follow(shell(endless), 3).lane("never ends").await;
    Ok(())
}

/// Says what a child prints, up to so many lines; after that it is dropped, and so killed.
async fn follow(command: Command, most: usize) {
    let mut output = pin!(lines_of(command));
    for _ in 0..most {
        match output.try_next().await {
            Ok(Some(line)) => say!("{line}"),
            Ok(None) => return say!("ended well"),
            Err(error) => return say!("{:#}", anyhow::Error::from(error)),
        }
    }
    say!("enough");
}

// ANCHOR: child
fn lines_of(mut command: Command) -> impl Stream<Item = Result<String, ChildError>> {
    try_stream! {
        // What it says on stderr goes where ours goes: a pipe that nobody reads would fill up,
        // and the child would wait for room for ever.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|source| ChildError::Start {
            program: command.as_std().get_program().display().to_string(),
            source,
        })?;
        let output = child.stdout.take().expect("it was made a pipe above");
        let mut output = BufReader::new(output);
        while let Some(line) = next_line(&mut output, LONGEST).await? {
            match line {
                // A program may print any bytes, and this is for people to read.
                Line::Text(bytes) => yield String::from_utf8_lossy(&bytes).into_owned(),
                Line::TooLong(bytes) => yield format!("(a line of {bytes} bytes)"),
            }
        }
        let status = child.wait().await?;
        if !status.success() {
            Err(ChildError::Failed(status))?;
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum ChildError {
    #[error("cannot start {program}")]
    Start { program: String, source: io::Error },
    #[error("cannot read its output")]
    Read(#[from] io::Error),
    #[error("it failed with {0}")]
    Failed(ExitStatus),
}
// ANCHOR_END: child

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[cfg(all(test, unix))]
mod tests {
    use std::{io::Read, time::Duration};

    use tokio::{task::spawn_blocking, time::timeout};

    use super::*;

    /// Far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(30);

    async fn output_of(command: Command) -> (Vec<String>, Option<ChildError>) {
        let mut output = pin!(lines_of(command));
        let mut lines = Vec::new();
        let all = async {
            while let Some(line) = output.try_next().await? {
                lines.push(line);
            }
            Ok(())
        };
        let ended = timeout(PLENTY, all).await.expect("the child ends");
        (lines, ended.err())
    }

    #[tokio::test]
    async fn the_lines_of_a_child_come_in_order_and_its_success_ends_them() {
        let (lines, error) = output_of(shell("echo one; echo two; printf three")).await;
        assert_eq!(lines, ["one", "two", "three"]);
        assert!(error.is_none(), "{error:?}");
    }

    #[tokio::test]
    async fn a_child_that_fails_has_its_lines_and_then_its_status() {
        let (lines, error) = output_of(shell("echo one; exit 3")).await;
        assert_eq!(lines, ["one"]);
        let Some(ChildError::Failed(status)) = error else { panic!("{error:?}") };
        assert_eq!(status.code(), Some(3));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let (lines, error) = output_of(Command::new("no-such-program")).await;
        assert_eq!(lines, [""; 0]);
        let error = error.expect("it cannot start");
        assert_eq!(error.to_string(), "cannot start no-such-program");
    }

    /// The child holds one end of a pipe; the other reports when the child is gone. Left alone, it
    /// would stay for longer than this test waits.
    #[tokio::test]
    async fn a_child_is_killed_when_its_lines_are_dropped() {
        let (mut held, end) = io::pipe().expect("a pipe");
        let mut command = shell("echo started; exec sleep 60");
        command.stderr(end);
        {
            let mut output = pin!(lines_of(command));
            let first = timeout(PLENTY, output.try_next()).await;
            let first = first.expect("it says so").expect("it starts");
            assert_eq!(first.as_deref(), Some("started"));
        }
        let gone = spawn_blocking(move || held.read(&mut [0]));
        let gone = timeout(PLENTY, gone).await.expect("the child still runs");
        assert_eq!(gone.expect("no panic").expect("it reads"), 0);
    }
}
