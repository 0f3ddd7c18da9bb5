//! `distributed crawler URL…` is one process of a crawl, and prints each page before it requests it.
#![cfg(not(target_family = "wasm"))]

use std::{
    pin::pin,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, ensure};
use async_kit::{Millis, Signals};
use crawler::{
    Address, Failure, FetchLimits, Fetcher, Limits, Response, Robots, Web, engine::Fetch,
};
use distributed::{
    Location,
    crawl::{Options, Plan, Step, Steps, crawl, visits},
    stop_at,
};
use lexopt::{Arg, Parser};
use tokio::select;
use tokio_util::sync::CancellationToken;

use crate::{print::print, queue_options::value};

pub(crate) async fn main(
    location: Location,
    arguments: Parser,
) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let (plan, options) = parse(arguments)?;
    let direct = plan.starts.iter().all(Address::is_local);
    let fetch = Printed(Fetcher::new(Web::new(FetchLimits::default(), direct)?, None));
    let broker = location.open().await?;
    print(format_args!("ready"));
    let stop = CancellationToken::new();
    let mut crawl = pin!(crawl(&*broker, fetch, &plan, &options, &stop));
    select! {
        ended = &mut crawl => ended?,
        signal = signals.next() => {
            print(format_args!("{signal}: requests no other page"));
            stop.cancel();
            crawl.await?;
        }
    }
    let decided = visits(&*broker).await?.len();
    print(format_args!("ends: {decided} addresses are decided"));
    Ok(ExitCode::SUCCESS)
}

/// Reads what to crawl, and how.
fn parse(mut arguments: Parser) -> anyhow::Result<(Plan, Options)> {
    let (mut starts, mut limits) = (Vec::new(), Limits::default());
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        let option = match argument {
            Arg::Long(option) => option.to_owned(),
            Arg::Value(start) => {
                // The error of an address repeats no password.
                let start = start.to_str().context("an address is not UTF-8")?;
                starts.push(Address::parse(start)?);
                continue;
            }
            Arg::Short(_) => return Err(argument.unexpected().into()),
        };
        let arguments = &mut arguments;
        match option.as_str() {
            "max-pages" => limits.max_pages = value(&option, arguments)?,
            "max-depth" => limits.max_depth = value(&option, arguments)?,
            "concurrency" => limits.concurrency = value(&option, arguments)?,
            "per-host" => limits.per_host = value(&option, arguments)?,
            "delay-ms" => limits.delay = value::<u64>(&option, arguments)?.ms(),
            "requests" => options.requests = value(&option, arguments)?,
            "ack-wait-ms" => {
                options.ack_wait =
                    value::<std::num::NonZeroU64>(&option, arguments)?.get().ms();
            }
            "stop-at" => {
                options.steps = stopping(&value::<String>(&option, arguments)?)?;
            }
            _ => return Err(Arg::Long(&option).unexpected().into()),
        }
    }
    ensure!(!starts.is_empty(), "no address to start from");
    Ok((Plan { starts, limits }, options))
}

/// `published:3` stops the process when it has published its third result, so that it can be killed
/// there.
fn stopping(text: &str) -> anyhow::Result<Steps> {
    let (name, nth) = text.split_once(':').unwrap_or((text, "1"));
    let step = Step::ALL.into_iter().find(|step| step.name() == name);
    let step = step.with_context(|| format!("a crawl has no step {name:?}"))?;
    let nth: usize = nth.parse().with_context(|| format!("the number of {name:?}"))?;
    let passed = AtomicUsize::new(0);
    Ok(Steps::new(move |reached| {
        if reached == step && passed.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            stop_at(step.name());
        }
        std::future::ready(())
    }))
}

/// Prints each page before it is requested.
struct Printed(Fetcher);

impl Fetch for Printed {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        print(format_args!("requests {}", address.url().path()));
        self.0.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        print(format_args!("requests {}", address.url().path()));
        self.0.page(address).await
    }
}
