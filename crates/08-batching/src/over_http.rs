//! Two hundred items need two hundred requests, or only four; in both cases a bad item fails alone.
//!
//! asyncio: `aiohttp`, a semaphore, and a `gather` of one request per item. Most services also take
//! a list, up to some length (100 here), and each request that is not sent saves a round trip.
//! `in_batches` sends lists of items that you have; a `Batcher` makes lists for callers that have
//! one item each. The server counts the requests. The client has a timeout: a `Batcher` sends one
//! list at a time, so a server that never answers one list would keep all callers waiting forever.

#![cfg(not(target_family = "wasm"))]

use std::{num::NonZeroUsize, ops::Range, sync::Arc, time::Duration};

use anyhow::ensure;
use async_kit::{
    BatchError, Batcher, Lane, Millis, ask, in_batches, knob,
    lab::{Base, Lab},
    say,
    stage::chapter,
};
use futures::{StreamExt, future::join_all, stream};
use reqwest::Client;
use serde::{Deserialize, Serialize};

/// Arbitrary: more than a healthy service needs, and less than a caller would wait.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn knobs() -> [usize; 3] {
    let items = knob("items", 200, 1..=1000);
    let size = knob("size", 50, 1..=100);
    let at_once = knob("at-once", 4, 1..=20);
    ask("at-once=20", "how many connections does each run need?");
    [items, size, at_once]
}

/// The same items are sent three times, each time to a new server, which counts the requests.
pub(crate) async fn run([items, size, at_once]: [usize; 3]) -> anyhow::Result<()> {
    let (size, at_once) = (size.try_into()?, at_once.try_into()?);
    let one = NonZeroUsize::MIN;

    let (server, service) = Service::start().await?;
    let answers = service.request_all(0..items, one, at_once).lane("a request each");
    report("a request each", &server, answers.await);

    let (server, service) = Service::start().await?;
    let answers = service.request_all(0..items, size, at_once).lane("in lists");
    report("in lists", &server, answers.await);

    let (server, service) = Service::start().await?;
    let answers = service.request_for_callers(0..items, size, 20.ms()).lane("callers");
    report("callers", &server, answers.await);
    Ok(())
}

fn report(name: &str, server: &Base, answers: Vec<Answer>) {
    let good = answers.iter().flatten().count();
    let error = answers.iter().find_map(|answer| answer.as_ref().err());
    say!(
        "{name}: {good} of {} succeeded, first error: {}",
        answers.len(),
        or_none(error)
    );
    if let Some(lab) = server.lab() {
        say!("{name}: {}", lab.stats());
    }
}

fn or_none(error: Option<&ItemError>) -> String {
    error.map_or_else(|| "none".to_owned(), ToString::to_string)
}

// ANCHOR: over_http
type Answer = Result<usize, ItemError>;

#[derive(Clone, Debug, thiserror::Error)]
enum ItemError {
    #[error("{0}")]
    Refused(String),
    /// One failed request fails every item of its list.
    #[error("the request failed: {0:#}")]
    Request(Arc<anyhow::Error>),
}

#[derive(Clone)]
struct Service {
    client: Client,
    url: String,
}

impl Service {
    async fn request_all(
        &self,
        items: Range<usize>,
        size: NonZeroUsize,
        at_once: NonZeroUsize,
    ) -> Vec<Answer> {
        let items = stream::iter(items);
        let post = |list| self.post(list).step("requesting").lane("request");
        in_batches(items, size, at_once, post).collect().await
    }

    /// Each item has its own caller, and the callers are independent.
    async fn request_for_callers(
        &self,
        items: Range<usize>,
        size: NonZeroUsize,
        max_delay: Duration,
    ) -> Vec<Answer> {
        let service = self.clone();
        let batcher = Batcher::new(size, max_delay, move |list| {
            let service = service.clone();
            async move { service.post(list).await }.step("requesting").lane("request")
        });
        let answers = join_all(items.map(|item| batcher.submit(item))).await;
        answers.into_iter().map(|answer| answer.map_err(ItemError::from)?).collect()
    }

    /// One request. Each of its items has an answer, even if the request fails.
    async fn post(&self, list: Vec<usize>) -> Vec<Answer> {
        match self.try_post(&list).await {
            Ok(replies) => replies.into_iter().map(Answer::from).collect(),
            Err(error) => {
                let error = ItemError::Request(Arc::new(error));
                vec![Err(error); list.len()]
            }
        }
    }

    async fn try_post(&self, list: &[usize]) -> anyhow::Result<Vec<Reply>> {
        let items: Vec<_> = list.iter().copied().map(Item::from).collect();
        let request = self.client.post(&self.url).json(&items);
        let replies: Vec<Reply> =
            request.send().await?.error_for_status()?.json().await?;
        let (sent, got) = (items.len(), replies.len());
        ensure!(got == sent, "{got} replies for {sent} items");
        Ok(replies)
    }
}
// ANCHOR_END: over_http

impl Service {
    async fn start() -> anyhow::Result<(Base, Self)> {
        let server = Lab::or_url(chapter::url()).await?;
        let service = Self::at(server.url("/batch"), REQUEST_TIMEOUT)?;
        Ok((server, service))
    }

    fn at(url: String, limit: Duration) -> anyhow::Result<Self> {
        // By default, reqwest has no timeout at all.
        let client = Client::builder().no_proxy().timeout(limit).build()?;
        Ok(Self { client, url })
    }
}

/// An item as the service reads it; the service refuses an item with the field `fail`.
#[derive(Serialize)]
#[serde(untagged)]
enum Item {
    Good(usize),
    Bad { fail: &'static str },
}

impl From<usize> for Item {
    fn from(n: usize) -> Self {
        if n == 13 { Self::Bad { fail: "13 is out of stock" } } else { Self::Good(n) }
    }
}

/// The service's answer for one item.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reply {
    Ok(usize),
    Error(String),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Ok(item) => Ok(item),
            Reply::Error(why) => Err(ItemError::Refused(why)),
        }
    }
}

impl From<BatchError> for ItemError {
    fn from(error: BatchError) -> Self {
        Self::Request(Arc::new(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use async_kit::TimeLimit;
    use tokio::{
        io::copy_bidirectional,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    /// Much longer than any machine needs: every list is full, so no list waits for this delay.
    const LONG: Duration = Duration::from_secs(60);

    fn n(n: usize) -> NonZeroUsize {
        n.try_into().unwrap()
    }

    async fn lab() -> (Base, Service) {
        Service::start().await.expect("the lab starts")
    }

    #[track_caller]
    fn assert_only_13_is_refused(answers: &[Answer], items: usize) {
        assert_eq!(answers.len(), items);
        for (item, answer) in answers.iter().enumerate() {
            match answer {
                Ok(answer) => assert_eq!(*answer, item),
                Err(ItemError::Refused(_)) => assert_eq!(item, 13),
                Err(error) => panic!("item {item}: {error}"),
            }
        }
        assert!(answers[13].is_err());
    }

    #[tokio::test]
    async fn a_request_per_item_is_as_many_requests_as_items() {
        let (server, service) = lab().await;
        assert_only_13_is_refused(&service.request_all(0..200, n(1), n(4)).await, 200);
        let stats = server.lab().unwrap().stats();
        assert_eq!(stats.requests, 200);
        assert!(stats.peak_in_flight <= 4, "{stats:?}");
    }

    #[tokio::test]
    async fn a_request_per_fifty_items_is_a_fiftieth_of_the_requests() {
        let (server, service) = lab().await;
        assert_only_13_is_refused(&service.request_all(0..200, n(50), n(4)).await, 200);
        assert_eq!(server.lab().unwrap().stats().requests, 4);
    }

    #[tokio::test]
    async fn two_hundred_callers_share_four_requests() {
        let (server, service) = lab().await;
        assert_only_13_is_refused(
            &service.request_for_callers(0..200, n(50), LONG).await,
            200,
        );
        let stats = server.lab().unwrap().stats();
        assert_eq!((stats.requests, stats.peak_in_flight), (4, 1), "{stats:?}");
    }

    /// The service accepts at most a hundred items: the last list, of fifty, is short enough.
    #[tokio::test]
    async fn a_failed_request_fails_only_its_own_items() {
        let (_server, service) = lab().await;
        let answers = service.request_all(0..251, n(201), n(2)).await;
        let (refused, accepted) = answers.split_at(201);
        assert!(
            refused.iter().all(|answer| matches!(answer, Err(ItemError::Request(_))))
        );
        assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
    }

    /// What the proxy does with the first connection; it forwards all later ones.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        Stalls,
        Disconnects,
    }

    /// The address of a proxy in front of `server`, which runs until the test ends.
    async fn proxy_with(fault: Fault, server: &Base) -> String {
        let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = proxy.local_addr().expect("it is bound");
        let server = server.url("").replace("http://", "").replace('/', "");
        tokio::spawn(async move {
            let (first, _) = proxy.accept().await.expect("a request");
            let _silent = (fault == Fault::Stalls).then_some(first);
            while let Ok((mut client, _)) = proxy.accept().await {
                let mut server = TcpStream::connect(&server).await.expect("the lab");
                tokio::spawn(async move {
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        format!("http://{address}/batch")
    }

    /// The fault affects only the first request, which is the one of the first fifty callers.
    async fn assert_fifty_of_a_hundred_callers_fail(fault: Fault, limit: Duration) {
        let (server, _) = lab().await;
        let url = proxy_with(fault, &server).await;
        let service = Service::at(url, limit).expect("a client");
        let answers = service.request_for_callers(100..200, n(50), LONG);
        let answers = answers.within(20.secs()).await.expect("no caller waits forever");
        let (failed, answered) = answers.split_at(50);
        // The error of the request, and not the batcher's error about a list without answers.
        assert!(failed.iter().all(is_the_error_of_a_request), "{failed:?}");
        assert!(answered.iter().all(Result::is_ok), "{answered:?}");
        assert_eq!(server.lab().unwrap().stats().requests, 1);
    }

    fn is_the_error_of_a_request(answer: &Answer) -> bool {
        matches!(answer, Err(ItemError::Request(why)) if why.is::<reqwest::Error>())
    }

    /// A second is enough for the lists that are answered, even on a busy machine.
    #[tokio::test]
    async fn after_a_list_that_stalls_until_its_timeout_the_next_is_answered() {
        assert_fifty_of_a_hundred_callers_fail(Fault::Stalls, 1.secs()).await;
    }

    #[tokio::test]
    async fn after_a_list_whose_connection_is_dropped_the_next_is_answered() {
        assert_fifty_of_a_hundred_callers_fail(Fault::Disconnects, LONG).await;
    }
}
