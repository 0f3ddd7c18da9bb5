//! Each request and its time is exact in virtual time, whatever the site does.

mod faults;
mod limits;
mod resume;

use async_kit::Millis;

use crate::{Failure, Outcome, Skip, Visit, fake::FakeWeb};

const START: &str = "http://h/";

fn count(n: usize) -> std::num::NonZeroUsize {
    n.try_into().expect("not zero")
}

fn outcome<'a>(visits: &'a [Visit], path: &str) -> &'a Outcome {
    let address = format!("http://h{path}");
    let visit = visits.iter().find(|visit| visit.address == address);
    &visit.unwrap_or_else(|| panic!("no outcome of {path}: {visits:#?}")).outcome
}

fn fetched(visits: &[Visit]) -> Vec<&str> {
    let fetched =
        visits.iter().filter(|visit| matches!(visit.outcome, Outcome::Fetched(_)));
    fetched.map(|visit| visit.address.trim_start_matches("http://h")).collect()
}

fn skipped(visits: &[Visit]) -> Vec<(&str, u32, &Skip)> {
    let mut skipped = Vec::new();
    for Visit { address, depth, outcome, .. } in visits {
        if let Outcome::Skipped { why } = outcome {
            skipped.push((address.as_str(), *depth, why));
        }
    }
    skipped
}

/// A start page with links to `pages` other pages, each with a latency of 10 ms.
fn fan(pages: usize) -> FakeWeb {
    let paths: Vec<_> = (1..=pages).map(|n| format!("/{n}")).collect();
    let links: Vec<_> = paths.iter().map(String::as_str).collect();
    let web = FakeWeb::new().with_page(START, 10.ms(), &links);
    paths.iter().fold(web, |web, path| {
        web.with_page(&format!("http://h{path}"), 10.ms(), &[START])
    })
}

fn unavailable(retry_after: Option<u64>) -> Failure {
    Failure::Status { status: 503, retry_after: retry_after.map(|ms| ms.ms()) }
}
