//! Retry: try again, but not always, not at once and not for ever. Run it: `cargo run -p retry`.

mod attempts;
mod backoff;
mod classify;
mod jitter;
mod limits;

use async_kit::Chapter;

fn main() -> anyhow::Result<()> {
    Chapter::new("retry", "try again, but not always, not at once and not for ever")
        .section(
            "attempts",
            "three attempts at most, and the last error comes out",
            attempts::run,
        )
        .section(
            "classify",
            "what may pass is tried again, a closed door and a bug are not",
            classify::run,
        )
        .section(
            "backoff",
            "equal delays hammer, doubled ones spare, a maximum keeps awake",
            backoff::run,
        )
        .section(
            "jitter",
            "twenty clients come back as one, unless they draw their delays",
            jitter::run,
        )
        .section(
            "limits",
            "a limit per attempt against what hangs, one in all for the job",
            limits::run,
        )
        .main()
}
