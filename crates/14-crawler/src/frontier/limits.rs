//! Every limit of a crawl has a name, a unit and a default.

use std::{num::NonZeroUsize, time::Duration};

/// How far, how much and how fast a crawl may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many links a page may be away from the start. Default: 2.
    pub max_depth: u32,
    /// How many pages to fetch; what fails or is skipped does not count. Default: 20.
    pub max_pages: NonZeroUsize,
    /// How many requests may be under way at once. Default: 10.
    pub concurrency: NonZeroUsize,
    /// How many of them may be to the same site. Default: 4.
    pub per_host: NonZeroUsize,
    /// The least time from one request to the next one to the same site; a longer
    /// `Crawl-delay` in its `robots.txt` takes its place. Default: none.
    pub delay: Duration,
    /// How often to ask for a page that fails in a way that may pass. Default: 3.
    pub attempts: u32,
    /// How long a page that failed waits for its second attempt; for each later one it waits
    /// twice as long. Default: 200 ms.
    pub backoff: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        let count = |n| NonZeroUsize::new(n).expect("not zero");
        Self {
            max_depth: 2,
            max_pages: count(20),
            concurrency: count(10),
            per_host: count(4),
            delay: Duration::ZERO,
            attempts: 3,
            backoff: Duration::from_millis(200),
        }
    }
}
