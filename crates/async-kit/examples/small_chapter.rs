//! A chapter with a section for everything that can become of one.
//!
//! `cargo run -p async-kit --example small_chapter -- --list` shows them. The tests of the command
//! line run it; some of its sections never end, so name those that you want to see.

use std::{future::pending, sync::Arc, thread, time::Duration};

use anyhow::{Context, bail};
use async_kit::{Chapter, Lane, Millis, ask, knob, native, patterns::scope, say};
use tokio::{runtime::Handle, sync::Semaphore, time::sleep};

fn main() -> anyhow::Result<()> {
    Chapter::new("small_chapter", "everything that can become of a section")
        .section("permits", "jobs share a few permits", permits)
        .section("hello", "one line, and no knob", hello)
        .section("broken", "it fails, and says why", broken)
        .section("deadlock", "it waits for what never comes", deadlock)
        .section("chatty", "it says more than a pipe holds", chatty)
        .section("wide", "long names and long lines on a narrow page", wide)
        .real_time(
            "workers",
            "it counts the threads it runs on",
            native!(times => workers),
        )
        .real_time("panicking", "it panics", native!(panicking))
        .real_time("endless", "it ticks until it is stopped", native!(endless))
        .real_time("deaf", "it blocks its thread, and hears nobody", native!(deaf))
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
    say!("and a word of its own: {}", "x".repeat(50));
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

/// What the endless section holds, and gives back even when it is stopped.
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

async fn deaf() -> anyhow::Result<()> {
    say!("asleep");
    // What a section must never do, for a time that no test waits for.
    thread::sleep(3600.secs());
    Ok(())
}
