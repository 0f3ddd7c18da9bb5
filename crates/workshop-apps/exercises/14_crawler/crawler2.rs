//! crawler2 · 10 minutes · request a page once, although two links lead to it
//!
//! A crawler follows the links of a restaurant's site. Run it and look at the requests: some pages are
//! requested more than once. Two pages link to `/menu` at nearly the same time; and `/menu#soup` is
//! a position inside `/menu`, so it is the same page.
//!
//! Change `visit`: each page is requested once, and pages that do not depend on each other are still
//! requested at the same time. The names in the requests have no `#`.
//!
//! Section: `cargo run -p crawler -- identity`. Code: crates/14-crawler/src/lessons/identity.rs.
//! Page: docs/src/14-crawler.md.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::{BoxFuture, FutureExt, join_all};
use tokio::time::sleep;

type Seen = Arc<Mutex<HashSet<String>>>;

// TODO: find out why a page can be requested twice.
fn visit(link: &'static str, seen: Seen) -> BoxFuture<'static, ()> {
    async move {
        let page = link.to_owned();
        if seen.lock().unwrap().contains(&page) {
            return;
        }
        let links = request(&page).await;
        seen.lock().unwrap().insert(page);
        join_all(links.iter().map(|link| visit(link, seen.clone()))).await;
    }
    .boxed()
}

/// Returns the links of a page. Do not change it.
async fn request(page: &str) -> &'static [&'static str] {
    let (latency, links): (u64, &[&str]) = match page.split('#').next() {
        Some("/") => (20, &["/wine", "/today", "/#map"]),
        Some("/wine") => (30, &["/menu", "/"]),
        Some("/today") => (40, &["/menu#soup", "/menu#fish", "/wine"]),
        Some("/menu") => (50, &["/today", "/#map", "/prices#lunch"]),
        _ => (10, &[]),
    };
    let response = async {
        say!("is requested");
        sleep(latency.ms()).step("request").await;
    };
    response.lane(page).await;
    links
}

async fn run() {
    visit("/", Seen::default()).await;
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    /// The requests of a run, sorted; `whole` keeps the part from `#` on.
    fn requests(run: &exercise::Observed<()>, whole: bool) -> Vec<&str> {
        let lanes = run.lines().iter().filter_map(|line| line.lane.as_deref());
        let mut names: Vec<_> = lanes
            .map(|page| if whole { page } else { page.split('#').next().unwrap() })
            .collect();
        names.sort();
        names
    }

    const PAGES: [&str; 5] = ["/", "/menu", "/prices", "/today", "/wine"];

    #[test]
    fn two_links_to_one_page_make_one_request() {
        let run = exercise::observe(run());
        let mut twice = requests(&run, true);
        let pages = twice.clone();
        twice.dedup();
        run.require(
            pages == twice,
            format!("requested: {}", pages.join(", ")),
            "none of them twice",
            "While one visit waits for the page, another one finds it unmarked. Check and mark it \
             without an `await` between the two: `insert` does both.",
        );
    }

    #[test]
    fn a_position_inside_a_page_is_no_other_page() {
        let run = exercise::observe(run());
        let mut whole = requests(&run, true);
        whole.dedup();
        let expected: Vec<_> =
            whole.iter().copied().filter(|page| !page.contains('#')).collect();
        run.require(
            whole == expected,
            format!("requested: {}", whole.join(", ")),
            format!("only: {}", expected.join(", ")),
            "The part from `#` on is a position inside the page, not another page. Remove it before \
             the check.",
        );
    }

    #[test]
    fn every_page_is_requested_as_early_as_its_first_link_allows() {
        let run = exercise::observe(run());
        let mut found = requests(&run, false);
        found.dedup();
        let missing = "A page is missing. Follow the links of each page that is new; a link with \
                       `#` leads to a page too.";
        run.require(found == PAGES, found.join(", "), PAGES.join(", "), missing);
        let early = "Visit all links of a page at the same time, and hold no lock during a request.";
        run.prints_at(20.ms(), "/today is requested", early);
        run.prints_at(50.ms(), "/menu is requested", early);
        run.prints_at(100.ms(), "/prices is requested", early);
    }
}
