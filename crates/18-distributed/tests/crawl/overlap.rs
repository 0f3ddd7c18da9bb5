//! A member receives the next page while others are in flight, and returns it when it is stopped.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_kit::{Millis, virtual_time};
use crawler::fake::FakeWeb;
use distributed::crawl::{Options, Step, Steps, crawl};
use tokio::{join, time::sleep};
use tokio_util::sync::CancellationToken;

use super::support::{
    START, count, end, in_memory, member, options, plan, requests, shared,
};

/// ```text
///    0  10 20 30           110 120 130
/// /  ███▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒         █ request, ▒ published, not yet acknowledged
/// /1    ███▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
/// /2       ███▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
/// ```
#[test]
fn a_slow_broker_delays_no_request_of_a_member() {
    virtual_time(async {
        let web = FakeWeb::new().with_page(START, 10.ms(), &["/1", "/2"]);
        let web = ["http://h/1", "http://h/2"]
            .into_iter()
            .fold(web, |web, page| web.with_page(page, 10.ms(), &[]));
        let slow = Steps::new(async |step| {
            if step == Step::Published {
                sleep(100.ms()).await;
            }
        });
        let one_request = Options { steps: slow, ..options() };
        end(member(&in_memory(), web.clone(), &plan(&[START]), one_request)).await;
        let requests = web.requests();
        let pages: Vec<_> =
            requests.iter().filter(|request| !request.contains("robots")).collect();
        assert_eq!(pages, ["0 h/", "10 h/1", "20 h/2"], "{requests:#?}");
    });
}

/// The first member is the scheduler. The other one has received three pages and requested two of them.
#[test]
fn a_member_that_is_stopped_requests_no_page_that_waits_for_it() {
    virtual_time(async {
        let paths = ["/1", "/2", "/3", "/4", "/5", "/6"];
        let web = || {
            let web = FakeWeb::new().with_page(START, 10.ms(), &paths);
            let page = |web: FakeWeb, path: &&str| {
                web.with_page(&format!("http://h{path}"), 100.ms(), &[])
            };
            paths.iter().fold(web, page)
        };
        let (first, other) = (web(), web());
        let (broker, mut plan, stop) =
            (in_memory(), plan(&[START]), CancellationToken::new());
        (plan.limits.concurrency, plan.limits.per_host) = (count(6), count(6));
        let scheduler = member(&broker, first.clone(), &plan, options());
        sleep(5.ms()).await;
        let received = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&received);
        let steps = Steps::new(move |step| {
            counted.fetch_add(usize::from(step == Step::Received), Ordering::SeqCst);
            ready(())
        });
        let two = Options { requests: count(2), steps, ..options() };
        let (ended, ()) =
            join!(crawl(&*broker, other.clone(), &plan, &two, &stop), async {
                sleep(50.ms()).await;
                stop.cancel();
            });
        ended.expect("it is no error to be stopped");
        assert_eq!(received.load(Ordering::SeqCst), 3);
        assert_eq!(requests(&other).len(), 2, "{:#?}", other.requests());
        end(scheduler).await;
        assert_eq!(shared(&broker).await.len(), 7);
        assert_eq!(requests(&first).len(), 5, "{:#?}", first.requests());
    });
}

/// The first member requests one page. The other one has received seven, requested six of them, and waits for
/// up to two more.
#[test]
fn a_member_that_is_stopped_receives_no_page_while_it_finishes() {
    virtual_time(async {
        let paths = ["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"];
        let page = |web: FakeWeb, path: &&str| {
            web.with_page(&format!("http://h{path}"), 100.ms(), &[])
        };
        let web = FakeWeb::new().with_page(START, 10.ms(), &paths);
        let web = paths.iter().fold(web, page);
        let (broker, mut plan, stop) =
            (in_memory(), plan(&[START]), CancellationToken::new());
        (plan.limits.concurrency, plan.limits.per_host) = (count(8), count(8));
        let scheduler = member(&broker, web.clone(), &plan, options());
        sleep(5.ms()).await;
        let six = Options { requests: count(6), ..options() };
        let (ended, ()) =
            join!(crawl(&*broker, web.clone(), &plan, &six, &stop), async {
                sleep(50.ms()).await;
                stop.cancel();
            });
        ended.expect("it is no error to be stopped");
        end(scheduler).await;
        assert_eq!(shared(&broker).await.len(), 9);
        // The first member requests the page that was returned as soon as it has no other one.
        let requests = web.requests();
        assert_eq!(requests.last().map(String::as_str), Some("110 h/7"), "{requests:#?}");
    });
}
