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
        let run = exercise::observe(run());
        run.prints_like_asyncio(
            include_str!("../../transcripts/crawler1.txt"),
            "Request the pages of a level at the same time, collect their links in the order of the \
             pages, and let each link into the next level once. `join_all` corresponds to `gather`.",
        );
    }
}
