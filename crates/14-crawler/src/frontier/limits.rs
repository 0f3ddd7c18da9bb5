//! Every limit of a crawl has a name, a unit and a default.

use std::{num::NonZeroUsize, time::Duration};

use serde::{Deserialize, Serialize};

/// The limits on the depth, size and speed of a crawl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How many links a page may be away from the start. Default: 2.
    pub max_depth: u32,
    /// How many new addresses of its own site a page may add, in the order of its links. The others
    /// are ignored, unless another page leads to them. They are not recorded, so a resumed crawl with
    /// a greater limit has only those of the pages that it requests itself. Default: no limit.
    pub max_links: Option<NonZeroUsize>,
    /// How many pages to fetch. Failed and skipped addresses do not count. Default: 20.
    pub max_pages: NonZeroUsize,
    /// How many requests may be in flight at the same time. Default: 10.
    pub concurrency: NonZeroUsize,
    /// How many requests to the same site may be in flight. Default: 4.
    pub per_host: NonZeroUsize,
    /// The minimum time between the starts of two requests to the same site. A longer
    /// `Crawl-delay` in its `robots.txt` takes precedence. Default: none.
    pub delay: Duration,
    /// How many requests to make for a page or a `robots.txt` that fails transiently. Default: 3.
    pub attempts: u32,
    /// How long to wait before the second of these requests; each later wait is twice as long.
    /// Default: 200 ms.
    pub backoff: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let count = |n| NonZeroUsize::new(n).expect("not zero");
        Self {
            max_depth: 2,
            max_links: None,
            max_pages: count(20),
            concurrency: count(10),
            per_host: count(4),
            delay: Duration::ZERO,
            attempts: 3,
            backoff: Duration::from_millis(200),
        }
    }
}
