//! tasks4 · 10 minutes · port `as_completed` from asyncio
//!
//! A photo lab develops three films concurrently, and packs each one as soon as it is ready. The program
//! in asyncio (`asyncio/tasks4.py`):
//!
//! ```python
//! async def develop(film, seconds):
//!     print(f"{film} is in the bath")
//!     await asyncio.sleep(seconds)
//!     if film == "holiday":
//!         raise ValueError("light has reached the film")
//!     return film
//!
//! async def main():
//!     films = [("wedding", 0.09), ("holiday", 0.03), ("school", 0.06)]
//!     tasks = [asyncio.create_task(develop(*film)) for film in films]
//!     for earliest in asyncio.as_completed(tasks):
//!         try:
//!             film = await earliest
//!             await asyncio.sleep(0.01)
//!             print(f"packs {film}")
//!         except ValueError as error:
//!             print(f"spoiled: {error}")
//!     print("the lab closes")
//! ```
//!
//! Write it in Rust. Each film has a lane with its name; the other lines have no lane. Both programs
//! must print the same lines at the same times.
//!
//! Section: `cargo run -p tasks -- arrival`. Code: crates/02-tasks/src/arrival.rs.
//! Page: docs/src/02-tasks.md.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

const FILMS: [(&str, u64); 3] = [("wedding", 90), ("holiday", 30), ("school", 60)];

async fn run() {
    // TODO: start all films, and pack each one as soon as it is ready.
    for (film, takes) in FILMS {
        let _ = develop(film, takes).try_lane(film).await;
    }
    say!("the lab closes");
}

async fn develop(film: &'static str, takes: u64) -> anyhow::Result<&'static str> {
    say!("is in the bath");
    sleep(takes.ms()).step("develop").await;
    ensure!(film != "holiday", "light has reached the film");
    Ok(film)
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let run = exercise::observe(run());
        let has_line = |text: &str, in_lane: bool| {
            let mut lines = run.lines().iter().filter(|line| line.text.starts_with(text));
            lines.any(|line| line.lane.is_some() == in_lane)
        };
        run.require(
            !has_line("is in the bath", false),
            "a line \"is in the bath\" has no lane",
            "each film has a lane with its name",
            "The future of a film gets its lane by `.try_lane(film)`, before it is spawned or polled.",
        )
        .prints_at(
            0.ms(),
            "school is in the bath",
            "A film starts only after another one has ended. Start all of them before the first wait.",
        )
        .require(
            !has_line("packs", true) && !has_line("spoiled", true),
            "a film is packed in its own lane",
            "the lab packs the films, one after the other, outside any lane",
            "The task of a film packs it, so two films may be packed at the same time. A task only \
             develops: its result is what the loop receives.",
        )
        .prints_at(
            30.ms(),
            "spoiled: light has reached the film",
            "The loop waits for the films in the order of the list, or for all of them. Let it \
             receive the film that is ready first, and print its error immediately.",
        )
        .require(
            has_line("packs wedding", false),
            "the film of the wedding is not packed",
            "one film is spoiled, and the other two are packed",
            "An error ends the loop, and the other films are lost.",
        )
        .prints_like_asyncio(
            include_str!("../../transcripts/tasks4.txt"),
            "Print the same texts, and pack each film for 10 ms.",
        );
    }
}
