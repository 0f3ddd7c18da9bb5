//! A page that kills its workers fails; one that they had only received does not.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_kit::{Millis, TimeLimit, virtual_time};
use crawler::{Address, Failure, Response, Robots, engine::Fetch, fake::FakeWeb};
use distributed::{
    Broker,
    crawl::{CrawlError, Options, Plan, Step, Steps},
};
use tokio::{select, sync::mpsc, task::JoinHandle, time::sleep};

use super::support::{
    START, count, end, in_memory, member, options, plain, plan, requests, shared,
};

/// As many as a member receives.
const PATHS: [&str; 6] = ["/1", "/2", "/3", "/4", "/5", "/6"];
const KILLER: &str = "http://h/3";

/// One death with other pages, and five with this page alone.
const DEATHS: usize = 6;

fn site() -> FakeWeb {
    let web = FakeWeb::new().with_page(START, 10.ms(), &PATHS);
    let page = |web: FakeWeb, path: &&str| {
        web.with_page(&format!("http://h{path}"), 10.ms(), &[])
    };
    PATHS.iter().fold(web, page)
}

/// All pages may be in the queue at the same time.
fn six_pages() -> Plan {
    let mut plan = plan(&[START]);
    (plan.limits.concurrency, plan.limits.per_host) = (count(6), count(6));
    plan
}

/// Four pages are requested, and two more are received before they can be.
fn four_requests() -> Options {
    Options { requests: count(4), ..options() }
}

/// A web of which one page kills the process that requests it.
struct Deadly {
    web: FakeWeb,
    dies: mpsc::UnboundedSender<()>,
}

impl Fetch for Deadly {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.web.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        if address.as_str() == KILLER {
            self.dies.send(()).expect("the test waits");
            pending().await
        }
        self.web.page(address).await
    }
}

/// Starts a process after the death of each, until the crawl is over. Each death is that of the scheduler
/// too, so the next one has to know how many there were.
async fn assert_only_the_killer_fails(
    broker: &Arc<dyn Broker>,
    plan: &Plan,
    start: impl Fn() -> JoinHandle<Result<(), CrawlError>>,
    mut dead: mpsc::UnboundedReceiver<()>,
) {
    let (mut last, mut deaths) = (start(), 0);
    loop {
        select! {
            biased;
            Some(()) = dead.recv() => last.abort(),
            ended = &mut last => {
                ended.expect("no panic").expect("the crawl is over");
                break;
            }
        }
        deaths += 1;
        assert!(deaths <= DEATHS, "the page does not fail");
        last = start();
    }
    assert_eq!(deaths, DEATHS);
    let mut expected = plain(&site(), plan).await;
    let mut decided = shared(broker).await;
    let killer = decided.remove(KILLER).expect("it is decided");
    assert!(killer.2.to_string().contains("5 workers have died of it"), "{killer:?}");
    expected.remove(KILLER);
    assert_eq!(decided, expected);
}

#[test]
fn only_the_page_that_kills_its_workers_fails() {
    virtual_time(async {
        let (web, plan, broker) = (site(), six_pages(), in_memory());
        let (dies, dead) = mpsc::unbounded_channel();
        let deadly = || Deadly { web: web.clone(), dies: dies.clone() };
        let start = || member(&broker, deadly(), &plan, four_requests());
        assert_only_the_killer_fails(&broker, &plan, start, dead).await;
        let requests = requests(&web);
        assert!(requests.values().all(|times| *times <= 2), "{requests:#?}");
    });
}

/// The response needs too much memory, so the worker dies a moment after the request.
#[test]
fn a_page_that_kills_after_its_request_fails_alone() {
    virtual_time(async {
        let (web, plan, broker) = (site(), six_pages(), in_memory());
        let (dies, dead) = mpsc::unbounded_channel();
        let start = || {
            let killer = Arc::new(AtomicBool::new(false));
            let fetch = Marked { web: web.clone(), killer: Arc::clone(&killer) };
            let dies = dies.clone();
            let steps = Steps::new(move |step| {
                let (dies, killer) = (dies.clone(), Arc::clone(&killer));
                async move {
                    if step == Step::Requested && killer.swap(false, Ordering::SeqCst) {
                        sleep(5.ms()).await;
                        dies.send(()).expect("the test waits");
                        pending().await
                    }
                }
            });
            member(&broker, fetch, &plan, Options { steps, ..four_requests() })
        };
        assert_only_the_killer_fails(&broker, &plan, start, dead).await;
    });
}

/// A web that marks that one page was requested.
struct Marked {
    web: FakeWeb,
    killer: Arc<AtomicBool>,
}

impl Fetch for Marked {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.web.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        let response = self.web.page(address).await;
        if address.as_str() == KILLER {
            self.killer.store(true, Ordering::SeqCst);
        }
        response
    }
}

/// Each member dies when it has received all pages, and has started no request.
#[test]
fn a_page_that_was_only_received_by_workers_that_died_does_not_fail() {
    virtual_time(async {
        let (web, plan, broker) = (site(), six_pages(), in_memory());
        let (stopped, mut dying) = mpsc::unbounded_channel();
        for number in 0..3 * DEATHS {
            // The first member requests the start, and the others report the pages of the dead one.
            let before = if number == 0 { 1 } else { PATHS.len() };
            let steps = stop_from(Step::Received, before, &stopped);
            let options = Options { steps, ..four_requests() };
            let dies = member(&broker, web.clone(), &plan, options);
            for _ in PATHS {
                let received = dying.recv().within(300.secs()).await;
                received.expect("it receives pages").expect("a page");
            }
            // What it has done is acknowledged by then.
            sleep(50.ms()).await;
            dies.abort();
        }
        assert_eq!(requests(&web).len(), 1, "{:#?}", web.requests());
        end(member(&broker, web, &plan, four_requests())).await;
        assert_eq!(shared(&broker).await, plain(&site(), &plan).await);
    });
}

/// Steps at which a process stops whenever it reaches `step`, after it has passed it `before` times.
fn stop_from(step: Step, before: usize, stopped: &mpsc::UnboundedSender<()>) -> Steps {
    let (passed, stopped) = (AtomicUsize::new(0), stopped.clone());
    Steps::new(move |reached| {
        let stops = reached == step && passed.fetch_add(1, Ordering::SeqCst) >= before;
        let stopped = stopped.clone();
        async move {
            if stops {
                stopped.send(()).expect("the test waits");
                pending().await
            }
        }
    })
}
