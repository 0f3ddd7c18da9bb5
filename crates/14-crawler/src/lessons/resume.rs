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

const SITE: &str = "/site/30-20ms/";

/// Runs this very program as a crawler, kills it half-way, and runs it again with `--resume`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let folder = tempfile::tempdir()?;
    let start = lab.url(SITE);
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

    /// What the lesson's command asks for.
    fn config(lab: &Lab, folder: &Path) -> Config {
        let command = command(&lab.url(SITE), folder).expect("a command");
        let words = iter::once(command.get_program()).chain(command.get_args());
        Cli::try_parse_from(words).expect("words of the tool").config()
    }

    async fn cut_off(lab: &Lab, config: Config) {
        select! {
            biased;
            seen = lab.wait_until(|stats| stats.requests >= 15).within(10.secs()) => {
                seen.expect("the crawl begins");
            }
            ended = crawl(config) => panic!("it ended before it was cut off: {ended:?}"),
        }
    }

    /// The runtime of the first crawl ends with all its tasks; what a thread is writing is
    /// finished, so that the journal is free for the second one.
    #[test]
    fn a_crawl_that_was_cut_off_is_gone_on_with_and_repeats_only_what_was_under_way() {
        let [first, second] = [(); 2].map(|()| Runtime::new().expect("a runtime"));
        let lab = second.block_on(Lab::start()).expect("a lab");
        let folder = tempfile::tempdir().expect("a folder");
        first.block_on(cut_off(&lab, config(&lab, folder.path())));
        drop(first);
        // Of 15 requests one was for robots.txt, and at most four were under way.
        let recorded = recorded(folder.path()).expect("a journal");
        assert!(recorded >= 10, "only {recorded} visits");
        let report = second.block_on(crawl(config(&lab, folder.path())));
        let report = report.expect("a report");
        assert_eq!((report.fetched, report.waiting), (30, 0), "{report:?}");
        assert!(twice(&lab) <= 4, "{} pages were asked for twice", twice(&lab));
    }
}
