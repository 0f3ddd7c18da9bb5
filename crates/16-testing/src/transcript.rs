//! A transcript is a snapshot of a run: every printed line with its lane and its time.
//!
//! asyncio: `capsys.readouterr()` returns the lines without their times and tasks. Tokio has no
//! counterpart. The kit's `Transcript` records lines, times and lanes, and in virtual time they are
//! the same in every run. A test that compares the whole transcript also finds changes that it was
//! not written to find.
#![cfg(not(target_family = "wasm"))]

use std::sync::Arc;

use async_kit::{Lane, Millis, Transcript, say, virtual_time};
use tokio::{sync::Semaphore, time::sleep};

use crate::harness::{run_failing_test, run_test};

/// Two tasks share a printer. With `_` instead of `_page` the permit is released immediately.
pub(crate) async fn run() -> anyhow::Result<()> {
    let seen = run_test(|| virtual_time(Transcript::of(two_pages(print)))).await?;
    say!("the correct program:\n{}", seen.to_string().trim_end());
    let test = || {
        let seen = virtual_time(Transcript::of(two_pages(print_without_permit)));
        seen.assert_lines(EXPECTED);
    };
    let failed = run_failing_test(test).await?;
    say!("with `_` instead of `_page` the test fails:\n{}", failed.trim_end());
    Ok(())
}

// ANCHOR: transcript
type Printer = Arc<Semaphore>;

async fn print(printer: Printer) -> anyhow::Result<()> {
    let _page = printer.acquire().await?;
    say!("prints");
    sleep(20.ms()).step("printing").await;
    say!("is done");
    Ok(())
}

async fn print_without_permit(printer: Printer) -> anyhow::Result<()> {
    // `_` binds nothing, so the permit is dropped on this line.
    let _ = printer.acquire().await?;
    say!("prints");
    sleep(20.ms()).step("printing").await;
    say!("is done");
    Ok(())
}
// ANCHOR_END: transcript

async fn two_pages<F>(print: fn(Printer) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let printer = Printer::new(Semaphore::new(1));
    let start = |name| tokio::spawn(print(Arc::clone(&printer)).try_lane(name));
    for page in ["ada", "bob"].map(start) {
        page.await??;
    }
    Ok(())
}

// ANCHOR: expected
const EXPECTED: [&str; 4] = [
    "[  0.000s] ada prints",
    "[  0.020s] ada is done",
    "[  0.020s] bob prints",
    "[  0.040s] bob is done",
];
// ANCHOR_END: expected

#[cfg(test)]
mod tests {
    use async_kit::stage::record::Ending;

    use super::*;

    // ANCHOR: tests
    #[test]
    fn bob_prints_after_ada_is_done() {
        let seen = virtual_time(Transcript::of(two_pages(print)));
        seen.assert_lines(EXPECTED);
    }

    /// Three assertions on one recording, each about one thing that must not change.
    #[test]
    fn one_page_is_printed_at_a_time_and_bob_finishes() {
        let seen = virtual_time(Transcript::of(two_pages(print)));
        assert_eq!(seen.peak("printing"), 1, "{seen}");
        assert_eq!(seen.ending("bob"), Some(Ending::Done), "{seen}");
        assert_eq!(seen.elapsed(), 40.ms(), "{seen}");
    }
    // ANCHOR_END: tests

    #[tokio::test]
    async fn the_run_shows_the_missing_and_the_unexpected_lines() {
        let seen = Transcript::of(run()).await;
        let lines: Vec<_> = seen.lines().iter().map(|line| line.text.as_str()).collect();
        assert!(lines.contains(&"- [  0.020s] bob prints"), "{seen}");
        assert!(lines.contains(&"+ [  0.000s] bob prints"), "{seen}");
    }

    #[test]
    #[should_panic(expected = "- [  0.020s] bob prints")]
    fn a_permit_that_is_dropped_immediately_fails_the_comparison() {
        virtual_time(Transcript::of(two_pages(print_without_permit)))
            .assert_lines(EXPECTED);
    }
}
