//! Retry: try again, but not always, not at once and not for ever. Run it: `cargo run -p retry`.

mod attempts;
mod classify;

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
        .main()
}
