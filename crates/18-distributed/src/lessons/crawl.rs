//! Several processes share one crawl, and its result is that of one process, although processes die.
//!
//! In chapter 14 the addresses that wait are in the memory of the one process that crawls. Its journal
//! lets a second process continue, but only after the first one has ended. Here the pages to request and
//! their results are in queues, and what was decided is in a log, so any number of processes work at the
//! same time. One of them decides what to request; if it dies, another one builds the same state from the
//! log. Lost: several round trips to the broker for each page. Won: requests from many machines, and a
//! crawl that outlives each of them.
//!
//! asyncio programs usually reach for Celery or `arq`: they distribute the requests, but the questions of
//! this section remain with the program. Which addresses are known? Which process waits for the
//! delay of a host?
#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeMap;

use anyhow::ensure;
use async_kit::{lab::Lab, say};
use crawler::{Address, FetchLimits, Fetcher, Frontier, Limits, Visit, Web, engine};
use distributed::{Location, crawl::visits};
use tokio_util::sync::CancellationToken;

use super::{children::Role, namespace::with_children};
use crate::without_port::without_port;

/// 30 pages, each of which takes 20 ms.
const SITE: &str = "/site/30-20ms/";

/// Crawls a site with one process, and then with several, two of which are killed.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (alone, together) = (Lab::start().await?, Lab::start().await?);
    let expected = decided(&crawl_alone(&alone.url(SITE)).await?);
    say!("one process: {} addresses", expected.len());
    with_children(async |namespace| {
        let location = &namespace.location;
        crawl_together(location, &together.url(SITE)).await?;
        let broker = location.open().await?;
        let shared = decided(&visits(&*broker).await?);
        say!("several processes: {} addresses", shared.len());
        let differs = |address: &&String| shared.get(*address) != expected.get(*address);
        let differing = shared.keys().chain(expected.keys()).find(differs);
        ensure!(differing.is_none(), "one process decides otherwise about {differing:?}");
        say!("each has the depth and the outcome that one process decides");
        say_requested_twice(&together, &expected);
        Ok(())
    })
    .await
}

// ANCHOR: crawl
/// The first process is killed when it has appended visits to the log, and is the scheduler then. The
/// second one is killed when it has published a result. Only one process can open the embedded queue, so
/// there the next one starts when the one before it is dead.
async fn crawl_together(location: &Location, start: &str) -> anyhow::Result<()> {
    let process = |n: u32, options: &[&str]| {
        let role = Role::crawler(start).with("--max-depth=9").with("--max-pages=100");
        let role = role.with("--requests=2").with("--ack-wait-ms=300");
        let role = options.iter().fold(role, |role, option| role.with(option));
        role.start_at(location, format!("process-{n}"))
    };
    let embedded = matches!(location, Location::Embedded { .. });
    if embedded {
        say!("only one process can open it: each starts after the end of the one before");
    }
    let mut first = process(1, &["--stop-at=appended:4"])?;
    first.printed("requests").await?;
    if embedded {
        first.killed().await?;
        process(2, &["--stop-at=published:6"])?.ended().await?;
        process(3, &[])?.succeeded().await?;
        return Ok(());
    }
    let (second, third) = (process(2, &["--stop-at=published:6"])?, process(3, &[])?);
    first.killed().await?;
    second.ended().await?;
    third.succeeded().await?;
    Ok(())
}
// ANCHOR_END: crawl

/// The crawler of chapter 14.
async fn crawl_alone(start: &str) -> anyhow::Result<Vec<Visit>> {
    let start = Address::parse(start)?;
    let limits = Limits { max_depth: 9, max_pages: 100.try_into()?, ..Limits::default() };
    let mut frontier = Frontier::new(limits, &[start], []);
    let fetch = Fetcher::new(Web::new(FetchLimits::default(), true)?, None);
    let mut visits = Vec::new();
    let stop = CancellationToken::new();
    let Ok(()) = engine::run(fetch, &mut frontier, &mut visits, &stop).await;
    Ok(visits)
}

type Decided = BTreeMap<String, (u32, String)>;

/// The depth and the outcome of each address, without the port of the lab.
fn decided(visits: &[Visit]) -> Decided {
    let decided = visits.iter().map(|visit| {
        let outcome = format!("{:?}", visit.outcome);
        (without_port(&visit.address), (visit.depth, without_port(&outcome)))
    });
    decided.collect()
}

/// How many of these addresses were requested more than once.
fn say_requested_twice(lab: &Lab, decided: &Decided) {
    let here = decided.keys().filter(|address| address.starts_with('/'));
    match here.filter(|address| lab.requests_to(address) > 1).count() {
        0 => say!("no address was requested twice"),
        n => {
            say!(
                "requested twice, because they were in flight at a kill: {n} of {} addresses",
                decided.len()
            )
        }
    }
}
