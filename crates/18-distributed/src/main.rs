//! Distributed: work that survives its process, on a queue that several processes share. Run it:
//! `cargo run -p distributed`.

mod crawler;
mod lessons;
#[cfg(test)]
mod on_all;
mod print;
mod publisher;
mod queue_options;
mod roles;
mod watched;
mod without_port;
mod worker;

use std::process::ExitCode;

use async_kit::{Chapter, native};

use self::lessons::*;

fn main() -> anyhow::Result<ExitCode> {
    // A section starts this program again as a child process, with the role of the child.
    #[cfg(not(target_family = "wasm"))]
    if let Some(exit) = roles::main() {
        return Ok(exit);
    }
    Chapter::new("distributed", "work that survives its process, shared by several")
        .real_time(
            "durable",
            "what was acknowledged survives kill -9, the rest may be lost",
            native!(durable::run),
        )
        .real_time(
            "redelivery",
            "the letter of a dead worker returns after ack_wait",
            native!(redelivery::knobs => redelivery::run),
        )
        .real_time(
            "effects",
            "a job is delivered at least once, its keyed effect happens once",
            native!(effects::run),
        )
        .real_time(
            "pressure",
            "a full queue refuses, and max_ack_pending limits what is in flight",
            native!(pressure::run),
        )
        .real_time(
            "order",
            "letters to one name arrive in order, different names in parallel",
            native!(order::run),
        )
        .real_time(
            "drain",
            "after SIGTERM a worker finishes its letter and asks for no other",
            native!(drain::run),
        )
        .real_time(
            "crawl",
            "several processes share a crawl, and its result is that of one",
            native!(crawl::run),
        )
        .real_time(
            "watch",
            "three processes are drawn as one run, times are as exact as stated",
            native!(watch::run),
        )
        .section(
            "simulate",
            "1,000 workers on a bad network book each payment once",
            simulate::run,
        )
        .main()?;
    Ok(ExitCode::SUCCESS)
}
