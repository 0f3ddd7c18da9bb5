//! Members of a crawl in one process: each has what a process has, and a lane of its own.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_kit::{Millis, TimeLimit};
use crawler::{
    Address, Failure, Frontier, Limits, Response, Robots, Visit,
    engine::{self, Fetch},
    fake::FakeWeb,
};
use distributed::{
    Broker, Embedded,
    crawl::{CrawlError, Options, Plan, Steps, crawl, visits},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const START: &str = "http://h/";

pub(crate) fn count(n: usize) -> NonZeroUsize {
    n.try_into().expect("not zero")
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// A broker whose time is virtual.
pub(crate) fn in_memory() -> Arc<dyn Broker> {
    Embedded::in_memory()
}

/// A plan that has no limit which these sites reach.
pub(crate) fn plan(starts: &[&str]) -> Plan {
    let limits = Limits { max_depth: 9, max_pages: count(1_000), ..Limits::default() };
    Plan { starts: starts.iter().map(|start| address(start)).collect(), limits }
}

/// One request at a time, and a second of silence is a death.
pub(crate) fn options() -> Options {
    Options { requests: count(1), ack_wait: 1_000.ms(), steps: Steps::default() }
}

/// Starts a member of the crawl. Aborting its task is its death.
pub(crate) fn member(
    broker: &Arc<dyn Broker>,
    fetch: impl Fetch,
    plan: &Plan,
    options: Options,
) -> JoinHandle<Result<(), CrawlError>> {
    let (broker, plan) = (Arc::clone(broker), plan.clone());
    tokio::spawn(async move {
        crawl(&*broker, fetch, &plan, &options, &CancellationToken::new()).await
    })
}

/// Waits for the end of a member.
pub(crate) async fn end(member: JoinHandle<Result<(), CrawlError>>) {
    let ended = member.within(600.secs()).await.expect("the crawl ends");
    ended.expect("no panic").expect("the crawl is over");
}

/// The depth of an address, its redirects, and its outcome as it is recorded.
type Decided = (u32, u8, serde_json::Value);

/// What was decided about each address. Each address has one outcome.
pub(crate) fn decided(visits: &[Visit]) -> BTreeMap<String, Decided> {
    let decided = visits.iter().map(|visit| {
        let outcome = serde_json::to_value(&visit.outcome).expect("JSON");
        (visit.address.clone(), (visit.depth, visit.redirects, outcome))
    });
    let decided: BTreeMap<_, _> = decided.collect();
    assert_eq!(decided.len(), visits.len(), "an address has two outcomes: {visits:#?}");
    decided
}

/// What the crawl of several processes has decided.
pub(crate) async fn shared(broker: &Arc<dyn Broker>) -> BTreeMap<String, Decided> {
    decided(&visits(&**broker).await.expect("a log"))
}

/// What the plain crawler decides.
pub(crate) async fn plain(web: &FakeWeb, plan: &Plan) -> BTreeMap<String, Decided> {
    decided_by(web.clone(), plan).await
}

/// What the plain crawler decides with these requests.
pub(crate) async fn decided_by(
    fetch: impl Fetch,
    plan: &Plan,
) -> BTreeMap<String, Decided> {
    let mut frontier = Frontier::new(plan.limits.clone(), &plan.starts, []);
    let (mut visits, stop) = (Vec::new(), CancellationToken::new());
    let Ok(()) = engine::run(fetch, &mut frontier, &mut visits, &stop).await;
    decided(&visits)
}

/// How many times each page was requested, without the `robots.txt` of the sites.
pub(crate) fn requests(web: &FakeWeb) -> BTreeMap<String, usize> {
    let mut requests = BTreeMap::new();
    for request in web.requests() {
        let (_, page) = request.split_once(' ').expect("a time and an address");
        if !page.ends_with("/robots.txt") {
            *requests.entry(page.to_owned()).or_default() += 1;
        }
    }
    requests
}

/// A fake web that knows how many requests of its member are in flight.
#[derive(Clone)]
pub(crate) struct Counted {
    web: FakeWeb,
    in_flight: Arc<AtomicUsize>,
}

impl Counted {
    pub(crate) fn new(web: FakeWeb) -> Self {
        Self { web, in_flight: Arc::default() }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }
}

impl Fetch for Counted {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.web.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let response = self.web.page(address).await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        response
    }
}
