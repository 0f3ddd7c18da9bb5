//! A list of addresses has one answer for each, in its order, and every failure has a text.
//!
//! asyncio: a semaphore, a task for each address, `gather`. Tokio: the same, and the answer is
//! an enum, so that nobody prints a failure as a page without a title. An address that stands
//! there twice is asked for once.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_kit::{Millis, knob, say};
use crawler::{Address, Answer, Failure, Fetched, engine::Fetch, fake::FakeWeb};
use tokio::{sync::Semaphore, time::timeout};

/// Six addresses, one of them twice, at most three at a time, and 150 ms for each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let at_once = knob("at-once", 3, 1..=10_usize);
    for (address, answer) in fetch_all(Arc::new(web()), &ASKED, at_once).await? {
        match answer {
            Ok(Answer::Page(page, _)) => {
                let title = page.title.as_deref().unwrap_or("no title");
                say!("{address} {title}, {} bytes", page.bytes);
            }
            Ok(_) => say!("{address} is no page"),
            Err(failure) => say!("{address} failed: {failure}"),
        }
    }
    Ok(())
}

const ASKED: [&str; 6] = [
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
        Ok(Answer::Page(Fetched { title, bytes, file: None }, Vec::new()))
    };
    FakeWeb::new()
        .with_answer(ASKED[0], 60.ms(), page(Some("Letters"), 512))
        .with_answer(ASKED[1], 20.ms(), page(None, 44))
        .with_answer(ASKED[2], 400.ms(), page(Some("Too late"), 9))
        .with_answer(ASKED[5], 40.ms(), page(Some("About"), 128))
}

// ANCHOR: fetch_all
async fn fetch_all(
    web: Arc<impl Fetch>,
    addresses: &[&str],
    at_once: usize,
) -> anyhow::Result<Vec<(Address, Result<Answer, Failure>)>> {
    let mut seen = HashSet::new();
    let permits = Arc::new(Semaphore::new(at_once));
    let mut tasks = Vec::new();
    for text in addresses {
        let address = Address::parse(text)?;
        if seen.insert(address.id()) {
            let (web, permits) = (Arc::clone(&web), Arc::clone(&permits));
            tasks.push(tokio::spawn(async move {
                let _permit = permits.acquire().await.expect("nobody closes it");
                let answer = fetch(&*web, &address).await;
                (address, answer)
            }));
        }
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await?);
    }
    Ok(answers)
}

const LIMIT: Duration = Duration::from_millis(150);

async fn fetch(web: &impl Fetch, address: &Address) -> Result<Answer, Failure> {
    let late = |_| Failure::TimedOut(format!("{LIMIT:?}"));
    timeout(LIMIT, web.page(address)).await.map_err(late).flatten()
}
// ANCHOR_END: fetch_all

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0         20        60        80  150
    /// html      ████████████████████│
    /// json      ██████████│
    /// slow      ████████████████████████████✗
    /// missing             ✗ at once
    /// about               ████████████████████│ 60
    /// ```
    #[test]
    fn answers_come_in_the_order_of_the_list_and_never_more_than_three_are_under_way() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let lines: Vec<_> =
                seen.lines().iter().map(|line| line.text.as_str()).collect();
            assert_eq!(
                lines[5..],
                [
                    "http://h/html Letters, 512 bytes",
                    "http://h/json no title, 44 bytes",
                    "http://h/slow failed: no answer in time: 150ms",
                    "http://h/missing failed: HTTP 404",
                    "http://h/about About, 128 bytes",
                ],
                "{seen}"
            );
            assert_eq!(seen.peak("waiting for an answer"), 3, "{seen}");
            assert_eq!(seen.elapsed(), 150.ms(), "{seen}");
        });
    }

    #[test]
    fn an_address_that_is_listed_twice_is_asked_for_once() {
        virtual_time(async {
            let web = web();
            fetch_all(Arc::new(web.clone()), &ASKED, 3).await.expect("addresses");
            let asked = web.asked();
            let html = asked.iter().filter(|line| line.ends_with("/html")).count();
            assert_eq!((asked.len(), html), (5, 1), "{asked:?}");
        });
    }

    #[test]
    fn a_second_call_starts_with_an_empty_list_of_answers() {
        virtual_time(async {
            let web = Arc::new(web());
            for _ in 0..2 {
                let answers = fetch_all(Arc::clone(&web), &ASKED[..2], 3).await;
                assert_eq!(answers.expect("addresses").len(), 2);
            }
        });
    }
}
