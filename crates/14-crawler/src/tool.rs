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

/// What only a chapter is asked: with one of these, or the name of a lesson, the tool steps aside.
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

/// Whether the command line asks for lessons, of which these are the names.
pub(crate) fn steps_aside(lessons: &[&str]) -> bool {
    env::args().skip(1).any(|word| {
        let option = word.split('=').next().unwrap_or_default();
        OF_A_CHAPTER.contains(&option) || lessons.contains(&word.as_str())
    })
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
        cli.starts.push(Address::parse(&lab.url("/site/30/"))?);
    }
    let crawl = Crawl::open(cli.config())?;
    let stop = CancellationToken::new();
    let listener = tokio::spawn(listen(stop.clone()));
    let progress = Progress::new();
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
