//! The output of a child process is a stream; dropping the stream kills the child.
//!
//! asyncio: `create_subprocess_exec` and `async for line in process.stdout`; a cancelled reader
//! does not end the process. Tokio: the same, with `kill_on_drop(true)`, which is off by default.
//! A process may print valid lines before it fails, so its status is part of its output: here an
//! error status is the last item of the stream.

#![cfg(not(target_family = "wasm"))]

use std::{
    io,
    pin::pin,
    process::{ExitStatus, Stdio},
};

use async_kit::{Lane, say};
use async_stream::try_stream;
use futures::{Stream, TryStreamExt};
use tokio::{io::BufReader, process::Command};

use crate::bounded_line::{Line, next_line};

/// The maximum length of a line in bytes. Arbitrary: no terminal shows that much.
const LONGEST: usize = 64 << 10;

/// One child succeeds, one fails, and one that would never end is dropped.
pub(crate) async fn run() -> anyhow::Result<()> {
    let counting = "for n in 1 2 3; do echo line $n; sleep 0.04; done";
    follow(shell(counting), usize::MAX).lane("counter").await;
    follow(shell("echo one valid line; exit 3"), usize::MAX).lane("failing child").await;
    let endless = "while true; do echo another line; sleep 0.02; done";
    follow(shell(endless), 3).lane("endless child").await;
    Ok(())
}

/// Prints up to `most` lines of a child; then its stream is dropped, which kills it.
async fn follow(command: Command, most: usize) {
    let mut output = pin!(lines_of(command));
    for _ in 0..most {
        match output.try_next().await {
            Ok(Some(line)) => say!("{line}"),
            Ok(None) => return say!("ended with success"),
            Err(error) => return say!("{:#}", anyhow::Error::from(error)),
        }
    }
    say!("drops the stream");
}

// ANCHOR: child
fn lines_of(mut command: Command) -> impl Stream<Item = Result<String, ChildError>> {
    try_stream! {
        // The child inherits the stderr of this process. If it were a pipe that is not read, it
        // would fill up, and the child would block forever.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|source| ChildError::Start {
            program: command.as_std().get_program().display().to_string(),
            source,
        })?;
        let output = child.stdout.take().expect("stdout is a pipe, as set above");
        let mut output = BufReader::new(output);
        while let Some(line) = next_line(&mut output, LONGEST).await? {
            match line {
                // A program may print any bytes, and this output is for people.
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
    #[error("cannot read the output of the child")]
    Read(#[from] io::Error),
    #[error("the child failed with {0}")]
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

    /// A limit far longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(30);

    async fn output_of(command: Command) -> (Vec<String>, Option<ChildError>) {
        let mut output = pin!(lines_of(command));
        let mut lines = Vec::new();
        let all = async {
            while let Some(line) = output.try_next().await? {
                lines.push(line);
            }
            Ok(())
        };
        let ended = timeout(TEST_LIMIT, all).await.expect("the child ends");
        (lines, ended.err())
    }

    #[tokio::test]
    async fn the_lines_of_a_child_come_in_order_and_end_with_its_success() {
        let (lines, error) = output_of(shell("echo one; echo two; printf three")).await;
        assert_eq!(lines, ["one", "two", "three"]);
        assert!(error.is_none(), "{error:?}");
    }

    #[tokio::test]
    async fn a_child_that_fails_yields_its_lines_and_then_its_status() {
        let (lines, error) = output_of(shell("echo one; exit 3")).await;
        assert_eq!(lines, ["one"]);
        let Some(ChildError::Failed(status)) = error else { panic!("{error:?}") };
        assert_eq!(status.code(), Some(3));
    }

    #[tokio::test]
    async fn the_error_names_a_program_that_does_not_exist() {
        let (lines, error) = output_of(Command::new("no-such-program")).await;
        assert_eq!(lines, [""; 0]);
        let error = error.expect("it cannot start");
        assert_eq!(error.to_string(), "cannot start no-such-program");
    }

    /// The child holds one end of a pipe, and the read of the other end returns when the child has
    /// ended. If it were not killed, it would run for longer than this test waits.
    #[tokio::test]
    async fn a_child_is_killed_when_its_lines_are_dropped() {
        let (mut held, end) = io::pipe().expect("a pipe");
        let mut command = shell("echo started; exec sleep 60");
        command.stderr(end);
        {
            let mut output = pin!(lines_of(command));
            let first = timeout(TEST_LIMIT, output.try_next()).await;
            let first = first.expect("it prints a line").expect("it starts");
            assert_eq!(first.as_deref(), Some("started"));
        }
        let gone = spawn_blocking(move || held.read(&mut [0]));
        let gone = timeout(TEST_LIMIT, gone).await.expect("the child still runs");
        assert_eq!(gone.expect("no panic").expect("it reads"), 0);
    }
}
