//! What a killed crawl has recorded is not done again, and what it had found is not lost.
//!
//! Ctrl-C is a request: the crawl finishes what is under way, and the journal ends in good
//! order. `kill -9` is none: nothing runs any more, no `Drop`, no `finally`. What counts then is
//! what was written before, so each visit is recorded before the next request is made.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context;
use async_kit::{Millis, TimeLimit, lab::Lab, say};
use tokio::task::spawn_blocking;

/// Runs this very program as a crawler, kills it half-way, and runs it again with `--resume`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let folder = tempfile::tempdir()?;
    let start = lab.url("/site/30-20ms/");
    let mut killed = command(&start, folder.path())?.stderr(Stdio::null()).spawn()?;
    let seen = lab.wait_until(|stats| stats.requests >= 15).within(10.secs()).await;
    killed.kill()?;
    seen.context("the crawl did not begin")?;
    spawn_blocking(move || killed.wait()).await??;
    let recorded = recorded(folder.path())?;
    say!(
        "killed after {} requests; the journal has {recorded} visits",
        lab.stats().requests
    );
    let mut again = command(&start, folder.path())?;
    let ended = spawn_blocking(move || again.output()).await??;
    for line in String::from_utf8_lossy(&ended.stdout).lines() {
        say!("{line}");
    }
    say!("asked for twice: {} of 30 pages, those that were under way", twice(&lab));
    Ok(())
}

// ANCHOR: command
fn command(start: &str, folder: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args([start, "--max-depth", "9", "--max-pages", "100", "--resume", "--out"]);
    command.arg(folder);
    Ok(command)
}
// ANCHOR_END: command

fn recorded(folder: &Path) -> anyhow::Result<usize> {
    let journal = std::fs::read_to_string(folder.join("journal.jsonl"))?;
    Ok(journal.matches("\"fate\"").count())
}

fn twice(lab: &Lab) -> usize {
    let pages = (1..30).map(|n| format!("/site/30-20ms/page/{n}"));
    pages.filter(|page| lab.requests_to(page) > 1).count()
}
