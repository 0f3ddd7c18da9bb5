//! A recursive crawl misses pages within its depth; a crawl level by level misses none.
//!
//! asyncio: a coroutine that fetches a page, and gathers one call of itself for each link. The path
//! that reaches a page first decides its depth, and a long path may be the fastest one. Tokio has
//! the same trap, and such a function must also box its own future. The crawler fetches a whole
//! level before it begins the next one.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Millis, ask, knob, say};
use crawler::{Address, Limits, Outcome, Response, engine::Fetch, fake::FakeWeb};
use futures::future::{BoxFuture, join_all};

const START: &str = "http://h/";

/// The treasure is three links away through a slow page, and four through fast pages.
pub(crate) async fn run() -> anyhow::Result<()> {
    let depth = knob("depth", 3_u32, 1..=5);
    ask("depth=4", "when does the recursive crawl request the treasure?");
    let web = island();
    let recursive = by_recursion(&web.with_lane_prefix("recursive"), depth).await?;
    say!("the recursive crawl finds {recursive} pages");
    let levels = by_levels(&web.with_lane_prefix("levels"), depth).await;
    say!("the crawl by level finds {levels} pages");
    Ok(())
}

fn island() -> FakeWeb {
    FakeWeb::new()
        .with_page(START, 10.ms(), &["/a", "/slow"])
        .with_page("http://h/slow", 100.ms(), &["/cave"])
        .with_page("http://h/a", 10.ms(), &["/b"])
        .with_page("http://h/b", 10.ms(), &["/cave"])
        .with_page("http://h/cave", 10.ms(), &["/treasure"])
        .with_page("http://h/treasure", 10.ms(), &[])
}

// ANCHOR: recursion
type Seen = Arc<Mutex<HashSet<String>>>;

async fn by_recursion(web: &FakeWeb, depth: u32) -> anyhow::Result<usize> {
    let seen = Seen::default();
    tokio::spawn(visit(web.clone(), Address::parse(START)?, depth, Arc::clone(&seen)))
        .await?;
    Ok(seen.lock().unwrap_or_else(PoisonError::into_inner).len())
}

fn visit(web: FakeWeb, page: Address, left: u32, seen: Seen) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if !seen.lock().unwrap_or_else(PoisonError::into_inner).insert(page.to_string()) {
            return;
        }
        let Ok(Response::Page(_, links)) = web.page(&page).await else { return };
        if left > 0 {
            let visit = |link| visit(web.clone(), link, left - 1, Arc::clone(&seen));
            join_all(links.into_iter().map(|link| tokio::spawn(visit(link)))).await;
        }
    })
}
// ANCHOR_END: recursion

// ANCHOR: levels
async fn by_levels(web: &FakeWeb, depth: u32) -> usize {
    let limits = Limits { max_depth: depth, ..Limits::default() };
    let visits = web.crawl(limits, &[START]).await;
    visits.iter().filter(|visit| matches!(visit.outcome, Outcome::Fetched(_))).count()
}
// ANCHOR_END: levels

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_page_that_a_long_path_reaches_first_keeps_its_true_depth() {
        virtual_time(async {
            assert_eq!(by_recursion(&island(), 3).await.expect("addresses"), 5);
            assert_eq!(by_levels(&island(), 3).await, 6);
        });
    }

    /// ```text
    /// 0      10      20                  110      120
    /// /  ████│
    /// /a     ████████                    │
    /// /slow  ████████████████████████████│
    /// /b                                 ████████│
    /// /cave                              ████████│
    /// /treasure                                  ████████│
    /// ```
    #[test]
    fn no_level_begins_before_the_one_above_has_ended() {
        virtual_time(async {
            let web = island();
            by_levels(&web, 3).await;
            let requests = [
                "0 h/robots.txt",
                "0 h/",
                "10 h/a",
                "10 h/slow",
                "110 h/b",
                "110 h/cave",
                "120 h/treasure",
            ];
            assert_eq!(web.requests(), requests);
        });
    }

    #[test]
    fn no_page_is_requested_twice() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let mut lines: Vec<_> =
                seen.lines().iter().map(|l| (&l.lane, &l.text)).collect();
            let count = lines.len();
            lines.sort();
            lines.dedup();
            assert_eq!(lines.len(), count, "{seen}");
        });
    }
}
