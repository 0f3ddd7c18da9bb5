//! The crawler is as fast as a plain loop that keeps no rule, and its memory stays flat.
//!
//! `cargo bench -p crawler` starts a lab and crawls its site of 2,000 pages with both, sixteen
//! requests at once, then sites of other sizes with the crawler alone. The candidates take turns,
//! each crawl in a process of its own, so that the largest memory of a process is that of one
//! crawl. The table shows medians. The first row is the loop without its parser: faster than
//! that nobody can be on this machine, with this client and this lab.

mod candidate;
mod plain_loop;

use std::{env, path::Path, process::Command};

use anyhow::Context;
use async_kit::lab::Lab;
use candidate::{Candidate, Crawled};
use tokio::runtime::Builder;

/// Odd, so that there is a middle one.
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
        // `cargo bench` says so. Anybody else only wants to see that the rows run.
        args => compare(args.iter().any(|arg| arg == "--bench")),
    }
}

fn compare(measures: bool) -> anyhow::Result<()> {
    let rounds = if measures { ROUNDS } else { 1 };
    let site = |pages: usize| if measures { pages } else { pages / 100 };
    // One thread is enough for 100,000 pages a second, and leaves the rest to the candidate.
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build()?;
    let lab = runtime.block_on(Lab::start())?;
    // Removed at the very end: ext4 does not reuse the inode of a deleted file for a while, and
    // whoever makes files meanwhile searches past them, up to ten times slower.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut seen = ROWS.map(|_| Vec::new());
    for round in 0..rounds {
        let out = folder.path().join(round.to_string());
        for ((candidate, pages), seen) in ROWS.iter().zip(&mut seen) {
            let url = lab.url(&format!("/big/{}/", site(*pages)));
            let crawled = in_a_process(*candidate, &url, &out)?;
            anyhow::ensure!(crawled.pages == site(*pages), "{candidate:?}: {crawled:?}");
            seen.push(crawled);
        }
    }
    println!("{:<40}{:>8}{:>12}{:>14}", "", "pages", "pages/s", "memory");
    for ((candidate, _), crawls) in ROWS.iter().zip(&seen) {
        let (pages, speed, mib) = medians(crawls);
        println!("{:<40}{pages:>8}{speed:>12.0}{mib:>10.1} MiB", candidate.about());
    }
    println!("\nmedians of {rounds}");
    Ok(())
}

fn in_a_process(candidate: Candidate, url: &str, out: &Path) -> anyhow::Result<Crawled> {
    let mut command = Command::new(env::current_exe()?);
    let out = command.args(["crawl", candidate.name(), url]).arg(out).output()?;
    let said = String::from_utf8_lossy(&out.stdout);
    let crawled = said.trim().parse();
    crawled.with_context(|| {
        format!("{candidate:?} said {said:?}\n{}", String::from_utf8_lossy(&out.stderr))
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
