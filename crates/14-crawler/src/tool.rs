//! The first Ctrl-C lets the crawl finish its requests in flight; the second one ends it.
#![cfg(not(target_family = "wasm"))]

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

/// The exit code that shells use for a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Options that only the chapter has.
const CHAPTER_OPTIONS: [&str; 8] = [
    "--list",
    "--fast",
    "--threads",
    "--set",
    "--timeline",
    "--svg",
    "--trace",
    "--plain",
];

/// Whether the command line asks for the chapter: it begins with the name of a section, or has an
/// option that only the chapter has. Elsewhere a name may be a folder, as in `--out site`.
pub(crate) fn asks_for_chapter(sections: &[&str]) -> bool {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let option =
        |argument: &String| argument.split('=').next().unwrap_or_default().to_owned();
    arguments.first().is_some_and(|name| sections.contains(&name.as_str()))
        || arguments
            .iter()
            .map(option)
            .any(|option| CHAPTER_OPTIONS.contains(&option.as_str()))
}

/// Runs the crawler with the arguments of the command line.
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
        eprintln!("no URL was given: crawling a built-in site, {start}");
        cli.starts.push(start);
    }
    let config = cli.config();
    let progress = Progress::new(config.limits.max_pages.get() as u64);
    let crawl = Crawl::open(config).await?;
    let stop = CancellationToken::new();
    let listener = tokio::spawn(stop_on_ctrl_c(stop.clone()));
    let report = crawl.run(&stop, |report| progress.show(report)).await?;
    listener.abort();
    progress.clear();
    println!("{report}");
    exit_code(&report)
}

async fn stop_on_ctrl_c(stop: CancellationToken) {
    if ctrl_c().await.is_ok() {
        eprintln!(
            "finishing the requests in flight; press Ctrl-C again to stop immediately"
        );
        stop.cancel();
        if ctrl_c().await.is_ok() {
            process::exit(INTERRUPTED.into());
        }
    }
}

fn exit_code(report: &Report) -> anyhow::Result<ExitCode> {
    if let Some(why) = &report.halted {
        bail!("the crawl ended early: {why}; if it has --out, --resume continues it");
    }
    if report.stopped {
        return Ok(INTERRUPTED.into());
    }
    if report.fetched == 0 {
        let why = report.first_failure.as_deref().unwrap_or("all addresses were skipped");
        bail!("no page could be fetched: {why}");
    }
    Ok(ExitCode::SUCCESS)
}
