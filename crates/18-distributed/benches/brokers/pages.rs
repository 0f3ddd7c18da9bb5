//! Pages in a second: the crawler of chapter 14, and the crawl that several processes share.

use std::{num::NonZeroUsize, time::Duration};

use anyhow::{bail, ensure};
use async_kit::lab::Lab;
use crawler::{Address, Config, FetchLimits, Fetcher, Limits, Web};
use distributed::crawl::{Options, Plan, crawl, visits};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::{
    process::{CRAWL, PLAIN_CRAWL, Process, done, next_step, ready, step},
    rounds::{Scale, WORKERS, median},
    store::{Kind, with_place},
};

/// How many requests a process makes at the same time; the same for every candidate.
const REQUESTS: NonZeroUsize = NonZeroUsize::new(16).expect("not zero");

#[derive(Clone, Copy, Debug)]
enum Candidate {
    Plain,
    Shared(Kind, usize),
}

impl Candidate {
    fn here() -> Vec<Self> {
        let mut all = vec![Self::Plain];
        for kind in Kind::here().filter(|kind| *kind != Kind::PostgresAsync) {
            let processes = if kind.is_embedded() { &WORKERS[..1] } else { &WORKERS };
            all.extend(processes.iter().map(|processes| Self::Shared(kind, *processes)));
        }
        all
    }

    fn measure(self, url: &str) -> anyhow::Result<(Duration, usize)> {
        match self {
            Self::Plain => in_processes(PLAIN_CRAWL, &[url], 1),
            Self::Shared(kind, processes) => with_place(kind, |place| {
                let number = processes.to_string();
                in_processes(CRAWL, &[kind.name(), place, url, &number], processes)
            }),
        }
    }
}

pub(crate) fn table(scale: &Scale) -> anyhow::Result<()> {
    // One thread serves 100,000 pages a second, and leaves the other cores to the candidate.
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build()?;
    let lab = runtime.block_on(Lab::start())?;
    let url = lab.url(&format!("/big/{}/", scale.pages));
    let mut rows: Vec<_> =
        Candidate::here().into_iter().map(|candidate| (candidate, Vec::new())).collect();
    for _ in 0..scale.rounds {
        for (candidate, speeds) in &mut rows {
            let (took, pages) = candidate.measure(&url)?;
            ensure!(pages == scale.pages, "{candidate:?} has visited {pages} pages");
            speeds.push(pages as f64 / took.as_secs_f64());
        }
    }
    let Scale { rounds, pages, .. } = scale;
    println!("\npages in a second, of a site with {pages} pages, medians of {rounds}");
    println!("{:<36}{:>10}{:>12}{:>10}", "", "processes", "pages/s", "ratio");
    let plain = median(&rows[0].1);
    for (candidate, speeds) in &rows {
        let (name, processes) = match candidate {
            Candidate::Plain => ("the crawler of chapter 14", 1),
            Candidate::Shared(kind, processes) => (kind.description(), *processes),
        };
        let speed = median(speeds);
        println!("{name:<36}{processes:>10}{speed:>12.0}{:>10.2}", speed / plain);
    }
    Ok(())
}

fn in_processes(
    role: &str,
    arguments: &[&str],
    processes: usize,
) -> anyhow::Result<(Duration, usize)> {
    let arguments: Vec<_> = arguments.iter().map(|&it| it.to_owned()).collect();
    let start = |_| Process::start(role, &arguments);
    let mut processes: Vec<_> =
        (0..processes).map(start).collect::<anyhow::Result<_>>()?;
    ready(&mut processes)?;
    let (took, _) = step(&mut processes, "crawl")?;
    let (_, pages) = step(&mut processes[..1], "count")?;
    Ok((took, pages))
}

/// One process of a crawl that several share.
pub(crate) async fn child(arguments: &[&str]) -> anyhow::Result<()> {
    let [kind, place, url, processes] = arguments else {
        bail!("{arguments:?} are not the four arguments of a crawl");
    };
    let broker = Kind::named(kind)?.open(place).await?;
    let start = Address::parse(url)?;
    let fetch = Fetcher::new(Web::new(FetchLimits::default(), start.is_local())?, None);
    // While each process requests its pages, others are on their way to it, and results to the scheduler.
    let limits = limits(4 * REQUESTS.get() * processes.parse::<usize>()?)?;
    let plan = Plan { starts: vec![start], limits };
    let options = Options { requests: REQUESTS, ..Options::default() };
    ready_for("crawl").await?;
    // In a task of its own, it runs on the threads of the runtime.
    let stop = CancellationToken::new();
    let shared = std::sync::Arc::clone(&broker);
    let crawl = async move { crawl(&*shared, fetch, &plan, &options, &stop).await };
    tokio::spawn(crawl).await??;
    done(0);
    while next_step().await?.is_some() {
        done(visits(&*broker).await?.len());
    }
    Ok(())
}

/// The crawler of chapter 14, which needs no other process.
pub(crate) async fn plain_child(arguments: &[&str]) -> anyhow::Result<()> {
    let [url] = arguments else { bail!("{arguments:?} are not an address") };
    let start = Address::parse(url)?;
    let config = Config { limits: limits(REQUESTS.get())?, ..Config::new([start]) };
    ready_for("crawl").await?;
    let report = tokio::spawn(crawler::crawl(config)).await??;
    ensure!(report.failed.is_empty() && report.waiting == 0, "{report}");
    done(0);
    while next_step().await?.is_some() {
        done(usize::try_from(report.fetched)?);
    }
    Ok(())
}

async fn ready_for(name: &str) -> anyhow::Result<()> {
    done(0);
    let step = next_step().await?;
    ensure!(step.as_deref() == Some(name), "it has no step {step:?}");
    Ok(())
}

fn limits(concurrency: usize) -> anyhow::Result<Limits> {
    let concurrency = concurrency.try_into()?;
    Ok(Limits {
        max_depth: u32::MAX,
        max_pages: NonZeroUsize::MAX,
        concurrency,
        per_host: concurrency,
        ..Limits::default()
    })
}
