//! crawler1 · 10 minutes · port a crawl that goes level by level
//!
//! The crawl of a museum's site in asyncio (`asyncio/crawler1.py`):
//!
//! ```python
//! async def fetch(page):
//!     latency, links = SITE[page]
//!     await asyncio.sleep(latency)
//!     print(f"{page} links: {len(links)}")
//!     return links
//!
//! async def crawl(start, depth):
//!     seen, level = {start}, [start]
//!     for number in range(depth + 1):
//!         print(f"level {number}: {', '.join(level)}")
//!         pages = await asyncio.gather(*(fetch(page) for page in level))
//!         level = []
//!         for link in (link for links in pages for link in links):
//!             if link not in seen:
//!                 seen.add(link)
//!                 level.append(link)
//!     print(f"not requested: {', '.join(level)}")
//!
//! asyncio.run(crawl("/", 2))
//! ```
//!
//! Write `crawl` in Rust. It must print the same lines at the same times. `fetch` is given.
//!
//! Section: `cargo run -p crawler -- breadth`. Code: crates/14-crawler/src/lessons/breadth.rs.
//! Page: docs/src/14-crawler.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

type Page = &'static str;

async fn crawl(start: Page, depth: usize) {
    // TODO: one level after the other, and the pages of a level at the same time.
    say!("level 0: {start}");
    fetch(start).await;
}

/// Returns the links of a page. Do not change it.
async fn fetch(page: Page) -> &'static [Page] {
    let (latency, links): (u64, &[Page]) = match page {
        "/" => (20, &["/rooms", "/tickets"]),
        "/rooms" => (60, &["/rooms/stone", "/tickets", "/"]),
        "/tickets" => (30, &["/prices", "/rooms/stone"]),
        "/rooms/stone" => (20, &["/rooms/bronze"]),
        "/prices" => (50, &["/shop"]),
        _ => (10, &[]),
    };
    let response = async {
        sleep(latency.ms()).step("request").await;
        say!("links: {}", links.len());
    };
    response.lane(page).await;
    links
}

async fn run() {
    crawl("/", 2).await;
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::run;

    #[test]
    fn it_prints_what_asyncio_prints() {
        // Eight runs: a level without an order may be right by chance, and not each time.
        for _ in 0..8 {
            let run = exercise::observe(run());
            let count = |text: &str| {
                run.lines().iter().filter(|line| line.text.starts_with(text)).count()
            };
            run.require(
                ["level 0", "level 1"].iter().all(|level| count(level) < 2),
                "a level begins twice",
                "it begins when all pages of the level before have arrived",
                "The links of each page are requested as soon as it has arrived. `gather` waits for \
                 all pages of a level.",
            )
            .require(
                count("level 2") == count("level 1"),
                "there is no level 2",
                "the last level has the number of the depth, which is 2",
                "`range(depth + 1)` ends before `depth + 1`: that is `0..=depth`.",
            )
            .require(
                count("links") <= 5,
                format!("{} pages are requested", count("links")),
                "five pages, each of them once",
                "A page that is known already is requested again: it may be the start, a page of an \
                 earlier level, or twice in one level.",
            )
            .prints_like_asyncio(
                include_str!("../../transcripts/crawler1.txt"),
                "Request the pages of a level at the same time, and collect their links in the order \
                 of the pages, each link once. `join_all` is what `gather` is.",
            );
        }
    }
}
