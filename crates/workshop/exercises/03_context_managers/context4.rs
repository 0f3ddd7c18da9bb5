//! context4 · 10 minutes · port `async with` inside `asyncio.timeout`
//!
//! Each band has 100 ms in a studio, which is cleaned afterwards, even if the band is cancelled while it
//! plays. The program in asyncio (`asyncio/context4.py`):
//!
//! ```python
//! class Studio:
//!     async def __aenter__(self):
//!         print("the studio is open")
//!
//!     async def __aexit__(self, *exc):
//!         await asyncio.sleep(0.03)
//!         print("the studio is clean")
//!
//! async def record(band, seconds):
//!     async with Studio():
//!         print(f"the {band} plays")
//!         await asyncio.sleep(seconds)
//!         print(f"the {band} has a record")
//!
//! async def main():
//!     for band, seconds in [("trio", 0.06), ("orchestra", 0.2), ("choir", 0.05)]:
//!         try:
//!             async with asyncio.timeout(0.1):
//!                 await record(band, seconds)
//!         except TimeoutError:
//!             print(f"the {band} is out of time")
//! ```
//!
//! Write it in Rust. It must print the same lines at the same times: no band may come into a studio that
//! is not clean yet. `Studio` and its release are given.
//!
//! Section: `cargo run -p context-managers -- settled`. Code: crates/03-context-managers/src/settled.rs.
//! Page: docs/src/03-context-managers.md.

use async_kit::{Millis, exercise, say, scope};
use tokio::time::{sleep, timeout};

const BANDS: [(&str, u64); 3] = [("trio", 60), ("orchestra", 200), ("choir", 50)];

async fn record(band: &str, takes: u64) {
    // TODO: the counterpart of `async with`.
    let studio = Studio::open();
    say!("the {band} plays");
    sleep(takes.ms()).await;
    say!("the {band} has a record");
    studio.clean().await;
}

async fn run() {
    for (band, takes) in BANDS {
        // TODO: `asyncio.timeout` waits for the release, and the program reports a band that is late.
        let _ = timeout(100.ms(), record(band, takes)).await;
    }
}

struct Studio;

impl Studio {
    fn open() -> Self {
        say!("the studio is open");
        Self
    }

    async fn clean(self) {
        sleep(30.ms()).await;
        say!("the studio is clean");
    }
}

impl scope::Release for Studio {
    async fn release(self) {
        self.clean().await;
    }
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};
    use tokio::time::sleep;

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        let run = exercise::observe(async {
            run().await;
            // A task that goes on is seen here.
            sleep(200.ms()).await;
        });
        let says = |text: &str| run.lines().iter().any(|line| line.text == text);
        run.require(
            !says("the orchestra has a record"),
            "the orchestra has a record",
            "it is out of time after 100 ms, and has no record",
            "Nothing ends the recording, or the result of the timeout is ignored. A task whose handle \
             is dropped goes on.",
        )
        .prints_at(
            220.ms(),
            "the studio is clean",
            "The orchestra was cancelled, and the release after its await never ran.",
        )
        .prints_at(
            220.ms(),
            "the choir plays",
            "`timeout` returns at its limit, and does not wait for the release. The choir comes into a \
             studio that is not clean.",
        )
        .prints_at(
            220.ms(),
            "the orchestra is out of time",
            "`timeout` returns an error at its limit. Report it after the release, as the `except` does.",
        )
        .prints_like_asyncio(
            include_str!("../../transcripts/context4.txt"),
            "Print the same texts, and give each band 100 ms.",
        );
    }
}
