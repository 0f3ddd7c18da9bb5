//! This chapter has a section for each way in which a section can end.
//!
//! `cargo run -p async-kit --example small_chapter -- --list` lists the sections. The tests of the
//! command line run this chapter. Some sections never end, so name the sections that you want to
//! run.

use std::{future::pending, sync::Arc, thread, time::Duration};

use anyhow::{Context, bail};
use async_kit::{Chapter, Lane, Millis, ask, knob, native, patterns::scope, say};
use tokio::{runtime::Handle, sync::Semaphore, time::sleep};

fn main() -> anyhow::Result<()> {
    Chapter::new("small_chapter", "every way in which a section can end")
        .section("permits", "jobs share a few permits", permits)
        .section("hello", "one line, and no knob", hello)
        .section("broken", "it fails, and its causes are printed", broken)
        .section("deadlock", "it waits for an event that never happens", deadlock)
        .section("chatty", "it prints more than a pipe can buffer", chatty)
        .section("wide", "long names and long lines on a narrow page", wide)
        .real_time(
            "workers",
            "it counts the threads it runs on",
            native!(times => workers),
        )
        .real_time("panicking", "it panics", native!(panicking))
        .real_time("endless", "it ticks until it is stopped", native!(endless))
        .real_time("blocking", "it blocks its thread for an hour", native!(blocking))
        .main()
}

async fn permits() -> anyhow::Result<()> {
    let permits = Arc::new(Semaphore::new(knob("permits", 2, 1..=10)));
    let jobs = knob("jobs", 3, 1..=40_usize);
    let pause = knob("pause", 20.ms(), 1.ms()..=1.secs());
    ask("permits=1", "when does the last job start?");
    let start =
        |n| tokio::spawn(job(Arc::clone(&permits), pause).try_lane(format!("job-{n}")));
    let jobs: Vec<_> = (0..jobs).map(start).collect();
    for job in jobs {
        job.await??;
    }
    Ok(())
}

async fn job(permits: Arc<Semaphore>, pause: Duration) -> anyhow::Result<()> {
    let _permit = permits.acquire().await?;
    say!("starts");
    sleep(pause).step("holding a permit").await;
    say!("is done");
    Ok(())
}

async fn hello() -> anyhow::Result<()> {
    say!("hello");
    Ok(())
}

async fn broken() -> anyhow::Result<()> {
    async { bail!("the oven is cold") }.await.context("no bread").context("no breakfast")
}

async fn deadlock() -> anyhow::Result<()> {
    say!("waits");
    pending::<()>().lane("waiter").await;
    Ok(())
}

async fn chatty() -> anyhow::Result<()> {
    for n in 0..20_000 {
        say!("line {n}");
    }
    Ok(())
}

async fn wide() -> anyhow::Result<()> {
    let long = async { say!("a sentence that is longer than a narrow terminal is wide") };
    long.lane("a lane with a name of many words").await;
    async { say!("short") }.lane("b").await;
    say!("and a very long word: {}", "x".repeat(50));
    Ok(())
}

fn times() -> usize {
    knob("times", 1, 1..=9)
}

async fn workers(times: usize) -> anyhow::Result<()> {
    for _ in 0..times {
        say!("{} workers", Handle::current().metrics().num_workers());
    }
    Ok(())
}

async fn panicking() -> anyhow::Result<()> {
    say!("about to panic");
    panic!("too hot");
}

/// The endless section holds this lock, and releases it even if Ctrl-C stops the section.
struct Lock;

impl scope::Release for Lock {
    async fn release(self) {
        sleep(1.ms()).await;
        say!("lock released");
    }
}

async fn endless() -> anyhow::Result<()> {
    let ticks = async |_: &mut Lock| loop {
        say!("tick");
        sleep(10.ms()).step("asleep").await;
    };
    scope::with(Lock, ticks).lane("clock").await
}

async fn blocking() -> anyhow::Result<()> {
    say!("asleep");
    // A section must never do this. No test waits for the end.
    thread::sleep(3600.secs());
    Ok(())
}
