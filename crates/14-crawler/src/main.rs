//! Crawler: a polite, bounded and resumable crawler of web sites. Run it: `cargo run -p crawler`.

#[cfg(not(target_family = "wasm"))]
mod cli;
mod lessons;
#[cfg(not(target_family = "wasm"))]
mod progress;
#[cfg(not(target_family = "wasm"))]
mod tool;

use std::process::ExitCode;

use async_kit::{Chapter, native};

use self::lessons::*;

fn main() -> anyhow::Result<ExitCode> {
    #[cfg(not(target_family = "wasm"))]
    if !tool::steps_aside(&NAMES) {
        return Ok(tool::main());
    }
    Chapter::new("crawler", "a polite, bounded and resumable crawler of web sites")
        .section("list", "three at a time, answers in order, each once", list::run)
        .section("identity", "two spellings of a page are one address", identity::run)
        .section("breadth", "a page is expanded at its true depth", breadth::run)
        .section("politeness", "a site waits for its own requests only", politeness::run)
        .section("robots", "of the rules that fit, the longest decides", robots::run)
        .real_time("title", "a parser finds what a pattern misses", native!(title::run))
        .real_time("names", "each page has a file of its own", native!(names::run))
        .real_time("site", "every address has one fate", native!(site::run))
        .real_time("resume", "killed half-way, it loses nothing", native!(resume::run))
        .real_time("hostile", "no trap holds it for ever", native!(hostile::run))
        .main()?;
    Ok(ExitCode::SUCCESS)
}
