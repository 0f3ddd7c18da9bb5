//! Each address in a list gets one result, in list order, and every failure has a text.
//!
//! asyncio: a semaphore, a task for each address, `gather`. Tokio: the same, and the result is an
//! enum, so a failure cannot be printed as a page without a title. An address that is listed twice
//! is requested once.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_kit::{Millis, ask, knob, say};
use crawler::{Address, Failure, Fetched, Response, engine::Fetch, fake::FakeWeb};
use tokio::{sync::Semaphore, time::timeout};

/// The list has six entries, and two of them are equal. At most three requests are in flight at the
/// same time, each with a timeout of 150 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let concurrency = knob("at-once", 3, 1..=10_usize);
    ask("at-once=1", "when does the last response arrive?");
    for (address, result) in fetch_all(Arc::new(web()), &LIST, concurrency).await? {
        match result {
            Ok(Response::Page(page, _)) => {
                let title = page.title.as_deref().unwrap_or("no title");
                say!("{address} {title}, {} bytes", page.bytes);
            }
            Ok(_) => say!("{address} is not a page"),
            Err(failure) => say!("{address} failed: {failure}"),
        }
    }
    Ok(())
}

const LIST: [&str; 6] = [
    "http://h/html",
    "http://h/json",
    "http://h/slow",
    "http://h/html",
    "http://h/missing",
    "http://h/about",
];

fn web() -> FakeWeb {
    let page = |title: Option<&str>, bytes| {
        let title = title.map(str::to_owned);
        Ok(Response::Page(Fetched { title, bytes, file: None }, Vec::new()))
    };
    FakeWeb::new()
        .with_response(LIST[0], 60.ms(), page(Some("Letters"), 512))
        .with_response(LIST[1], 20.ms(), page(None, 44))
        .with_response(LIST[2], 400.ms(), page(Some("Too late"), 9))
        .with_response(LIST[5], 40.ms(), page(Some("About"), 128))
}

// ANCHOR: fetch_all
async fn fetch_all(
    web: Arc<impl Fetch>,
    addresses: &[&str],
    concurrency: usize,
) -> anyhow::Result<Vec<(Address, Result<Response, Failure>)>> {
    let mut seen = HashSet::new();
    let permits = Arc::new(Semaphore::new(concurrency));
    let mut tasks = Vec::new();
    for text in addresses {
        let address = Address::parse(text)?;
        if seen.insert(address.id()) {
            let (web, permits) = (Arc::clone(&web), Arc::clone(&permits));
            tasks.push(tokio::spawn(async move {
                let _permit =
                    permits.acquire().await.expect("the semaphore is never closed");
                let result = fetch(&*web, &address).await;
                (address, result)
            }));
        }
    }
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await?);
    }
    Ok(results)
}

const TIMEOUT: Duration = Duration::from_millis(150);

async fn fetch(web: &impl Fetch, address: &Address) -> Result<Response, Failure> {
    let timed_out = |_| Failure::TimedOut(format!("{TIMEOUT:?}"));
    timeout(TIMEOUT, web.page(address)).await.map_err(timed_out).flatten()
}
// ANCHOR_END: fetch_all

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    /// ```text
    /// 0         20        60        80  150
    /// html      ████████████████████│
    /// json      ██████████│
    /// slow      ████████████████████████████⊘ the timeout drops it
    /// missing             ✗ immediately
    /// about               ████████████████████│ 60
    /// ```
    #[test]
    fn results_are_in_list_order_and_at_most_three_requests_are_in_flight() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let lines: Vec<_> =
                seen.lines().iter().map(|line| line.text.as_str()).collect();
            assert_eq!(
                lines[5..],
                [
                    "http://h/html Letters, 512 bytes",
                    "http://h/json no title, 44 bytes",
                    "http://h/slow failed: no response in time: 150ms",
                    "http://h/missing failed: HTTP 404",
                    "http://h/about About, 128 bytes",
                ],
                "{seen}"
            );
            assert_eq!(seen.peak("waiting for a response"), 3, "{seen}");
            assert_eq!(seen.elapsed(), 150.ms(), "{seen}");
        });
    }

    #[test]
    fn the_lane_of_a_missing_page_ends_as_failed() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            for (lane, ending) in [
                ("h/html", Ending::Done),
                ("h/missing", Ending::Failed),
                ("h/slow", Ending::Dropped),
            ] {
                assert_eq!(seen.ending(lane), Some(ending), "{lane}: {seen}");
            }
        });
    }

    #[test]
    fn an_address_that_is_listed_twice_is_requested_once() {
        virtual_time(async {
            let web = web();
            fetch_all(Arc::new(web.clone()), &LIST, 3).await.expect("addresses");
            let requests = web.requests();
            let html = requests.iter().filter(|line| line.ends_with("/html")).count();
            assert_eq!((requests.len(), html), (5, 1), "{requests:?}");
        });
    }

    #[test]
    fn a_second_call_starts_with_an_empty_list_of_results() {
        virtual_time(async {
            let web = Arc::new(web());
            for _ in 0..2 {
                let results = fetch_all(Arc::clone(&web), &LIST[..2], 3).await;
                assert_eq!(results.expect("addresses").len(), 2);
            }
        });
    }
}
