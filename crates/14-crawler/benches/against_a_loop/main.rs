//! The crawler is as fast as a plain loop without any limits, and its memory does not grow much.
//!
//! `cargo bench -p crawler` starts a lab and crawls its site of 2,000 pages with both, with sixteen
//! concurrent requests, and then sites of other sizes with the crawler alone. The candidates
//! alternate. Each crawl runs in a separate process, so the peak memory of the process is that of
//! one crawl. The table shows medians. The first row is the loop without its parser: no crawler can
//! be faster on this machine, with this client and this lab.

mod candidate;
mod plain_loop;

use std::{env, path::Path, process::Command};

use anyhow::Context;
use async_kit::lab::Lab;
use candidate::{Candidate, Crawled};
use tokio::runtime::Builder;

/// An odd number, so that the median is one of the rounds.
const ROUNDS: usize = 7;

const ROWS: [(Candidate, usize); 6] = [
    (Candidate::FetchOnly, 2_000),
    (Candidate::PlainLoop, 2_000),
    (Candidate::Crawler, 2_000),
    (Candidate::CrawlerToDisk, 2_000),
    (Candidate::Crawler, 1_000),
    (Candidate::Crawler, 20_000),
];

fn main() -> anyhow::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    match &args[..] {
        [role, name, url, out] if role == "crawl" => {
            println!("{}", Candidate::named(name)?.run(url, out.as_ref())?);
            Ok(())
        }
        // `cargo bench` passes `--bench`. Without it, this only checks that each row runs.
        args => compare(args.iter().any(|arg| arg == "--bench")),
    }
}

fn compare(measure: bool) -> anyhow::Result<()> {
    let rounds = if measure { ROUNDS } else { 1 };
    let site = |pages: usize| if measure { pages } else { pages / 100 };
    // One thread serves 100,000 pages a second, and leaves the other cores to the candidate.
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build()?;
    let lab = runtime.block_on(Lab::start())?;
    // The folder is removed only at the end: ext4 does not reuse the inode of a deleted file for a
    // while, and a process that creates files then searches past such inodes, up to ten times
    // slower.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut crawls = ROWS.map(|_| Vec::new());
    for round in 0..rounds {
        let out = folder.path().join(round.to_string());
        for ((candidate, pages), crawls) in ROWS.iter().zip(&mut crawls) {
            let url = lab.url(&format!("/big/{}/", site(*pages)));
            let crawled = run_in_process(*candidate, &url, &out)?;
            anyhow::ensure!(crawled.pages == site(*pages), "{candidate:?}: {crawled:?}");
            crawls.push(crawled);
        }
    }
    println!("{:<40}{:>8}{:>12}{:>14}", "", "pages", "pages/s", "memory");
    for ((candidate, _), crawls) in ROWS.iter().zip(&crawls) {
        let (pages, speed, mib) = medians(crawls);
        println!("{:<40}{pages:>8}{speed:>12.0}{mib:>10.1} MiB", candidate.description());
    }
    println!("\nmedians of {rounds} crawls");
    Ok(())
}

fn run_in_process(
    candidate: Candidate,
    url: &str,
    out: &Path,
) -> anyhow::Result<Crawled> {
    let mut command = Command::new(env::current_exe()?);
    let out = command.args(["crawl", candidate.name(), url]).arg(out).output()?;
    let printed = String::from_utf8_lossy(&out.stdout);
    let crawled = printed.trim().parse();
    crawled.with_context(|| {
        format!(
            "{candidate:?} printed {printed:?}\n{}",
            String::from_utf8_lossy(&out.stderr)
        )
    })
}

fn medians(crawls: &[Crawled]) -> (usize, f64, f64) {
    let took = median(crawls.iter().map(|crawled| crawled.took.as_secs_f64()).collect());
    let kib = median(crawls.iter().map(|crawled| crawled.peak_kib as f64).collect());
    let pages = crawls[0].pages;
    (pages, pages as f64 / took, kib / 1024.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
