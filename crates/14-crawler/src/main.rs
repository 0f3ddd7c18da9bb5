//! Crawler: a polite, bounded and resumable crawler of web sites. Run it: `cargo run -p crawler`.

#[cfg(not(target_family = "wasm"))]
mod cli;
#[cfg(not(target_family = "wasm"))]
mod progress;
#[cfg(not(target_family = "wasm"))]
mod tool;

use std::process::ExitCode;

use async_kit::Chapter;

/// The lessons, in their order: any of these words on the command line asks for the chapter.
const LESSONS: [&str; 0] = [];

fn main() -> anyhow::Result<ExitCode> {
    #[cfg(not(target_family = "wasm"))]
    if !tool::steps_aside(&LESSONS) {
        return Ok(tool::main());
    }
    Chapter::new("crawler", "a polite, bounded and resumable crawler of web sites")
        .main()?;
    Ok(ExitCode::SUCCESS)
}
