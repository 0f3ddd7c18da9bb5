//! A resumed crawl repeats no recorded visit, and loses no address that was found.
//!
//! After Ctrl-C, the crawl finishes its requests in flight and closes the journal. After `kill -9`
//! nothing runs any more, no `Drop` and no `finally`. Only what was written before remains, so each
//! visit is recorded before the next request starts.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context;
use async_kit::{Millis, TimeLimit, lab::Lab, say};
use tokio::task::spawn_blocking;

const SITE: &str = "/site/30-20ms/";

/// Runs this program as a crawler, kills it half-way, and runs it again with `--resume`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let folder = tempfile::tempdir()?;
    let start = lab.url(SITE);
    let mut killed = command(&start, folder.path())?.stderr(Stdio::null()).spawn()?;
    let seen = lab.wait_until(|stats| stats.requests >= 15).within(10.secs()).await;
    killed.kill()?;
    seen.context("the crawl did not begin")?;
    spawn_blocking(move || killed.wait()).await??;
    let recorded = recorded_visits(folder.path())?;
    say!(
        "the crawl was killed after {} requests; its journal has {recorded} visits",
        lab.stats().requests
    );
    let mut again = command(&start, folder.path())?;
    let ended = spawn_blocking(move || again.output()).await??;
    for line in String::from_utf8_lossy(&ended.stdout).lines() {
        say!("{line}");
    }
    say!(
        "{} of 30 pages were requested twice: they were in flight at the kill",
        requested_twice(&lab)
    );
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

fn recorded_visits(folder: &Path) -> anyhow::Result<usize> {
    let journal = std::fs::read_to_string(folder.join("journal.jsonl"))?;
    Ok(journal.matches("\"outcome\"").count())
}

fn requested_twice(lab: &Lab) -> usize {
    let pages = (1..30).map(|n| format!("{SITE}page/{n}"));
    pages.filter(|page| lab.requests_to(page) > 1).count()
}

#[cfg(test)]
mod tests {
    use std::iter;

    use clap::Parser;
    use crawler::{Config, crawl};
    use tokio::{runtime::Runtime, select};

    use super::*;
    use crate::cli::Cli;

    /// The config that the section's command sets.
    fn config(lab: &Lab, folder: &Path) -> Config {
        let command = command(&lab.url(SITE), folder).expect("a command");
        let arguments = iter::once(command.get_program()).chain(command.get_args());
        Cli::try_parse_from(arguments).expect("valid arguments").config()
    }

    async fn cancel_half_way(lab: &Lab, config: Config) {
        select! {
            biased;
            seen = lab.wait_until(|stats| stats.requests >= 15).within(10.secs()) => {
                seen.expect("the crawl begins");
            }
            ended = crawl(config) => panic!("it ended before it was cancelled: {ended:?}"),
        }
    }

    /// Dropping the first runtime ends all tasks of the first crawl, and waits for the thread that
    /// writes the journal. Then the second crawl can lock the journal.
    #[test]
    fn a_resumed_crawl_repeats_only_the_requests_that_were_in_flight() {
        let [first, second] = [(); 2].map(|()| Runtime::new().expect("a runtime"));
        let lab = second.block_on(Lab::start()).expect("a lab");
        let folder = tempfile::tempdir().expect("a folder");
        first.block_on(cancel_half_way(&lab, config(&lab, folder.path())));
        drop(first);
        // Of 15 requests, one was for robots.txt and at most four were in flight.
        let recorded = recorded_visits(folder.path()).expect("a journal");
        assert!(recorded >= 10, "only {recorded} visits");
        let report = second.block_on(crawl(config(&lab, folder.path())));
        let report = report.expect("a report");
        assert_eq!((report.fetched, report.waiting), (30, 0), "{report:?}");
        assert!(
            requested_twice(&lab) <= 4,
            "{} pages were requested twice",
            requested_twice(&lab)
        );
    }
}
