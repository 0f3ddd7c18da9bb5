//! The first Ctrl-C lets the crawl finish its requests in flight; the second one ends it.
#![cfg(not(target_family = "wasm"))]

use std::{
    env, fmt,
    future::pending,
    io::{self, ErrorKind, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use async_kit::lab::Lab;
use clap::Parser;
use crawler::{Address, Crawl, Report};
use tokio::{join, runtime::Runtime, select, signal::ctrl_c};
use tokio_util::sync::CancellationToken;

use crate::{cli::Cli, progress::Progress};

/// The exit code that shells use for a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Arbitrary. At the end, a thread may still parse a page or look up a name. So long it has to remove
/// its temporary file; then it ends with the process.
const SHUTDOWN: Duration = Duration::from_millis(200);

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
    let exit = Runtime::new().context("cannot start a runtime").and_then(|runtime| {
        let exit = runtime.block_on(run(cli));
        runtime.shutdown_timeout(SHUTDOWN);
        exit
    });
    exit.unwrap_or_else(|error| {
        notify(format_args!("error: {error:#}"));
        ExitCode::FAILURE
    })
}

async fn run(mut cli: Cli) -> anyhow::Result<ExitCode> {
    let mut lab = None;
    if cli.starts.is_empty() {
        let lab = lab.insert(Lab::start().await?);
        let start = Address::parse(&lab.url("/site/30/"))?;
        notify(format_args!("no URL was given: crawling a built-in site, {start}"));
        cli.starts.push(start);
    }
    let config = cli.config();
    let progress = Progress::new(config.limits.max_pages.get() as u64);
    let stop = CancellationToken::new();
    let crawl = async {
        Crawl::open(config).await?.run(&stop, |report| progress.show(report)).await
    };
    let report = select! {
        // From its first poll on, Ctrl-C does not end the process. So it comes first.
        biased;
        () = second_ctrl_c(&stop) => return Ok(INTERRUPTED.into()),
        report = crawl => report?,
    };
    progress.clear();
    print(&report)?;
    exit_code(&report)
}

/// Cancels `stop` at the first Ctrl-C, and returns at the second one.
async fn second_ctrl_c(stop: &CancellationToken) {
    let ask = async {
        stop.cancel();
        notify(format_args!(
            "finishing the requests in flight; press Ctrl-C again to stop immediately"
        ));
    };
    if ctrl_c().await.is_err() {
        return pending().await;
    }
    // `join!` polls the listener first, so the user cannot be faster than it.
    let (again, ()) = join!(biased; ctrl_c(), ask);
    if again.is_err() {
        pending().await
    }
}

/// Writes a line to standard error. `eprintln!` would panic if no program reads it any more, but that
/// must not change how the crawl ends.
fn notify(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints the report. As for other tools, a closed pipe is no error.
fn print(report: &Report) -> anyhow::Result<()> {
    match writeln!(io::stdout(), "{report}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
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
