//! Each result is processed as soon as it arrives, without waiting for the slowest one.
//!
//! asyncio: `gather` followed by a loop over its results waits for the slowest item and then
//! processes one item after the other. The remedy is the same in both languages: put all steps for
//! one item into one task. Then a `JoinSet`, like `as_completed`, returns the tasks in the order in
//! which they end.

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{task::JoinSet, time::sleep};

/// The last page is the fastest, and page 3 is missing.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 5_u64, 1..=8);
    ask("pages=8", "when is the first page ready?");
    let titles = all_titles(pages).await?;
    say!("in the order of the pages: {}", titles.join(", "));
    Ok(())
}

// ANCHOR: arrival
async fn all_titles(pages: u64) -> anyhow::Result<Vec<String>> {
    let page = |n| title_of(n, pages).try_lane(format!("page-{n}"));
    let mut tasks: JoinSet<_> = (1..=pages).map(page).collect();
    let mut titles = Vec::new();
    while let Some(task) = tasks.join_next().await {
        match task? {
            Ok(title) => titles.push(title),
            Err(error) => say!("skipped: {error:#}"),
        }
    }
    titles.sort();
    Ok(titles.into_iter().map(|(_, title)| title).collect())
}

/// Fetches and parses one page in one task, so parsing does not wait for other pages.
async fn title_of(page: u64, pages: u64) -> anyhow::Result<(u64, String)> {
    let text = fetch(page, pages).await?;
    let title = parse(&text).await;
    say!("is ready");
    Ok((page, title))
}
// ANCHOR_END: arrival

async fn fetch(page: u64, pages: u64) -> anyhow::Result<String> {
    sleep(100.ms() * (pages + 1 - page) as u32).await;
    anyhow::ensure!(page != 3, "page 3 is missing");
    Ok(format!("text {page}"))
}

async fn parse(text: &str) -> String {
    sleep(50.ms()).step("parsing").await;
    text.replace("text", "title")
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///         0    100  200  300  400  500
    /// page-1  ●████████████████████████▒▒✓   550 ms: fetched at 500 ms, then parsed
    /// page-2  ●███████████████████▒▒✓
    /// page-3  ●██████████████✗
    /// page-4  ●█████████▒▒✓
    /// page-5  ●████▒▒✓
    /// ```
    #[test]
    fn a_page_is_parsed_while_others_are_still_fetched() {
        virtual_time(async {
            let (seen, titles) = Transcript::with_output(all_titles(5)).await;
            seen.assert_at(150.ms(), "page-5 is ready");
            seen.assert_at(250.ms(), "page-4 is ready");
            assert_eq!(
                seen.elapsed(),
                550.ms(),
                "one parse after the last fetch: {seen}"
            );
            let wanted = ["title 1", "title 2", "title 4", "title 5"];
            assert_eq!(titles.unwrap(), wanted);
        });
    }

    #[test]
    fn a_missing_page_is_reported_and_loses_no_other_page() {
        virtual_time(async {
            for pages in 3..=8 {
                let (seen, titles) = Transcript::with_output(all_titles(pages)).await;
                let failed_at = 100.ms() * (pages - 2) as u32;
                seen.assert_at(failed_at, "skipped: page 3 is missing");
                assert_eq!(titles.unwrap().len() as u64, pages - 1, "{seen}");
            }
        });
    }
}
