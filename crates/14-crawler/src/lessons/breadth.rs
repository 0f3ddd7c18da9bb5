//! Recursion misses pages that are within its depth; level by level, none is missed.
//!
//! asyncio: a coroutine that fetches a page and gathers itself over the links. Whichever way
//! reaches a page first decides how deep it counts as, and a long way may be the faster one.
//! Tokio: the same trap, and such a function must also box its own future. The crawler asks for
//! a level as a whole before it begins the next.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Millis, knob, say};
use crawler::{Address, Answer, Fate, Rules, engine::Fetch, fake::FakeWeb};
use futures::future::{BoxFuture, join_all};

const START: &str = "http://h/";

/// The treasure is three links away by a slow page, and four by fast ones.
pub(crate) async fn run() -> anyhow::Result<()> {
    let depth = knob("depth", 3_u32, 1..=5);
    let web = island();
    let deep = by_recursion(&web.seen_as("deep"), depth).await?;
    say!("recursion found {deep} pages");
    let broad = by_levels(&web.seen_as("broad"), depth).await;
    say!("level by level it is {broad}");
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
    tokio::spawn(dive(web.clone(), Address::parse(START)?, depth, Arc::clone(&seen)))
        .await?;
    Ok(seen.lock().unwrap_or_else(PoisonError::into_inner).len())
}

fn dive(web: FakeWeb, page: Address, left: u32, seen: Seen) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if !seen.lock().unwrap_or_else(PoisonError::into_inner).insert(page.to_string()) {
            return;
        }
        let Ok(Answer::Page(_, links)) = web.page(&page).await else { return };
        if left > 0 {
            let dive = |link| dive(web.clone(), link, left - 1, Arc::clone(&seen));
            join_all(links.into_iter().map(|link| tokio::spawn(dive(link)))).await;
        }
    })
}
// ANCHOR_END: recursion

// ANCHOR: levels
async fn by_levels(web: &FakeWeb, depth: u32) -> usize {
    let rules = Rules { max_depth: depth, ..Rules::default() };
    let visits = web.crawl(rules, &[START]).await;
    visits.iter().filter(|visit| matches!(visit.fate, Fate::Fetched(_))).count()
}
// ANCHOR_END: levels

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_page_that_a_long_way_reaches_first_is_expanded_at_its_true_depth() {
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
            let asked = [
                "0 h/robots.txt",
                "0 h/",
                "10 h/a",
                "10 h/slow",
                "110 h/b",
                "110 h/cave",
                "120 h/treasure",
            ];
            assert_eq!(web.asked(), asked);
        });
    }

    #[test]
    fn no_page_is_asked_for_twice() {
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
