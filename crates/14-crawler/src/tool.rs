//! The first Ctrl-C lets the crawl finish what is under way, the second one does not.

use std::{
    env,
    process::{self, ExitCode},
};

use anyhow::{Context, bail};
use async_kit::lab::Lab;
use clap::Parser;
use crawler::{Address, Crawl, Report};
use tokio::{runtime::Runtime, signal::ctrl_c};
use tokio_util::sync::CancellationToken;

use crate::{cli::Cli, progress::Progress};

/// What a shell gives for a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// What only a chapter is asked for.
const OF_A_CHAPTER: [&str; 8] = [
    "--list",
    "--fast",
    "--threads",
    "--set",
    "--timeline",
    "--svg",
    "--trace",
    "--plain",
];

/// Whether the command line asks for lessons: it begins with one of these names, or has an
/// option that only a chapter knows. A name elsewhere may be a folder's, as in `--out site`.
pub(crate) fn steps_aside(lessons: &[&str]) -> bool {
    let words: Vec<_> = env::args().skip(1).collect();
    let option = |word: &String| word.split('=').next().unwrap_or_default().to_owned();
    words.first().is_some_and(|word| lessons.contains(&word.as_str()))
        || words.iter().map(option).any(|option| OF_A_CHAPTER.contains(&option.as_str()))
}

/// Crawls as the command line says.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = Runtime::new().context("cannot start a runtime");
    runtime.and_then(|runtime| runtime.block_on(run(cli))).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(mut cli: Cli) -> anyhow::Result<ExitCode> {
    let mut lab = None;
    if cli.starts.is_empty() {
        let lab = lab.insert(Lab::start().await?);
        let start = Address::parse(&lab.url("/site/30/"))?;
        eprintln!("no address was given: this crawls a site of its own, {start}");
        cli.starts.push(start);
    }
    let config = cli.config();
    let progress = Progress::new(config.rules.max_pages.get() as u64);
    let crawl = Crawl::open(config).await?;
    let stop = CancellationToken::new();
    let listener = tokio::spawn(listen(stop.clone()));
    let report = crawl.run(&stop, |report| progress.show(report)).await?;
    listener.abort();
    progress.clear();
    println!("{report}");
    ended(&report)
}

async fn listen(stop: CancellationToken) {
    if ctrl_c().await.is_ok() {
        eprintln!("stopping: what is under way is finished; Ctrl-C again does not wait");
        stop.cancel();
        if ctrl_c().await.is_ok() {
            process::exit(INTERRUPTED.into());
        }
    }
}

fn ended(report: &Report) -> anyhow::Result<ExitCode> {
    if report.stopped {
        return Ok(INTERRUPTED.into());
    }
    if report.fetched == 0 {
        let why = report.first_failure.as_deref().unwrap_or("all were skipped");
        bail!("no page could be fetched: {why}");
    }
    Ok(ExitCode::SUCCESS)
}
