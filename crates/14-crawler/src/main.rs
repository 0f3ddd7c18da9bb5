//! Crawler: a polite, bounded and resumable crawler of web sites. Run it: `cargo run -p crawler`.

mod cli;
mod lessons;
mod progress;
mod tool;

use std::process::ExitCode;

use async_kit::{Chapter, native};

use self::lessons::*;

fn main() -> anyhow::Result<ExitCode> {
    #[cfg(not(target_family = "wasm"))]
    if !tool::asks_for_chapter(&NAMES) {
        return Ok(tool::main());
    }
    Chapter::new("crawler", "a polite, bounded and resumable crawler of web sites")
        .section("list", "responses in list order, each URL fetched once", list::run)
        .section("identity", "two spellings of a URL are one address", identity::run)
        .section("breadth", "level by level, each page has its true depth", breadth::run)
        .section(
            "politeness",
            "in a level, a site delays only its own requests",
            politeness::run,
        )
        .section("robots", "the longest matching rule of robots.txt decides", robots::run)
        .real_time("title", "a parser finds what a regex misses", native!(title::run))
        .real_time("names", "each page has its own file", native!(names::run))
        .real_time("site", "each address has one outcome", native!(site::run))
        .real_time("resume", "a killed crawl loses no page", native!(resume::run))
        .real_time("hostile", "a hostile site cannot hang a crawl", native!(hostile::run))
        .main()?;
    Ok(ExitCode::SUCCESS)
}
