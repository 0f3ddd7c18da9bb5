//! Two requests to a host are at least its delay apart, whichever members make them and die.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_kit::{Millis, TimeLimit, virtual_time};
use crawler::{Failure, fake::FakeWeb};
use distributed::{
    Embedded,
    crawl::{Options, Plan, Step, Steps},
    network::{Cut, Network, Random},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use super::support::{count, end, in_memory, member, options, plan, requests, shared};

const DELAY: Duration = Duration::from_millis(300);

/// Two hosts with different latencies, so that their requests overlap.
fn two_hosts() -> FakeWeb {
    let pages = ["/1", "/2", "/3", "/4", "/5", "/6"];
    ["http://h", "http://i"].into_iter().fold(FakeWeb::new(), |web, host| {
        let latency = if host.ends_with('h') { 10.ms() } else { 700.ms() };
        let web = web.with_page(&format!("{host}/"), latency, &pages);
        pages
            .into_iter()
            .fold(web, |web, page| web.with_page(&format!("{host}{page}"), latency, &[]))
    })
}

fn polite_plan() -> Plan {
    let mut plan = plan(&["http://h/", "http://i/"]);
    plan.limits.delay = DELAY;
    plan
}

/// The shortest time between two requests to each host.
fn distances(web: &FakeWeb) -> BTreeMap<String, Duration> {
    let mut starts = BTreeMap::<String, Vec<u64>>::new();
    for request in web.requests() {
        let (at, page) = request.split_once(' ').expect("a time and an address");
        let (host, _) = page.split_once('/').expect("a host and a path");
        starts.entry(host.to_owned()).or_default().push(at.parse().expect("a number"));
    }
    let shortest = |starts: Vec<u64>| {
        let distances = starts.windows(2).map(|two| two[1] - two[0]);
        distances.min().expect("two requests").ms()
    };
    starts.into_iter().map(|(host, starts)| (host, shortest(starts))).collect()
}

fn assert_polite(web: &FakeWeb, delay: Duration) {
    let distances = distances(web);
    assert!(
        distances.values().all(|distance| *distance >= delay),
        "{:#?}",
        web.requests()
    );
}

#[test]
fn three_members_together_are_no_faster_than_the_delay_of_a_host() {
    virtual_time(async {
        let (broker, web) = (in_memory(), two_hosts());
        let each = Options { requests: count(4), ..options() };
        let members =
            [(); 3].map(|()| member(&broker, web.clone(), &polite_plan(), each.clone()));
        for member in members {
            end(member).await;
        }
        assert_eq!(shared(&broker).await.len(), 14);
        assert_polite(&web, DELAY);
        // It is not slower than it must be either.
        assert_eq!(distances(&web)["h"], DELAY, "{:#?}", web.requests());
    });
}

#[test]
fn a_crawl_delay_of_the_host_wins_over_a_shorter_one_of_the_plan() {
    virtual_time(async {
        let robots = "User-agent: *\nCrawl-delay: 2\n";
        let (broker, web) =
            (in_memory(), two_hosts().with_robots("http://h/", 10.ms(), robots));
        let plan = plan(&["http://h/"]);
        let members = [(); 3].map(|()| member(&broker, web.clone(), &plan, options()));
        for member in members {
            end(member).await;
        }
        assert_eq!(shared(&broker).await.len(), 7);
        assert_polite(&web, 2.secs());
    });
}

/// Its responses take longer than the delay, so the frontier has already decided the next requests.
#[test]
fn a_host_that_asks_for_a_pause_gets_no_request_of_any_member() {
    virtual_time(async {
        let busy = Failure::Status { status: 503, retry_after: Some(5.secs()) };
        let web = two_hosts().failing("http://i/1", 1, busy);
        let broker = in_memory();
        let mut plan = polite_plan();
        plan.starts.remove(0);
        let members = [(); 3].map(|()| member(&broker, web.clone(), &plan, options()));
        for member in members {
            end(member).await;
        }
        let requests = web.requests();
        let failed = requests.iter().position(|request| request.ends_with("i/1"));
        let at = |n: usize| -> u64 {
            let (at, _) = requests[n].split_once(' ').expect("a time");
            at.parse().expect("a number")
        };
        let failed = failed.expect("it was requested");
        assert!(at(failed + 1) - at(failed) >= 5_700, "{requests:#?}");
    });
}

/// The next worker cannot know when the request of the dead one started, so it waits.
#[test]
fn the_delay_holds_although_workers_and_schedulers_die() {
    for step in [Step::Received, Step::Requested, Step::Published, Step::Appended] {
        for nth in [2, 5, 9] {
            virtual_time(async move {
                let (broker, web) = (in_memory(), two_hosts());
                let (stopped, mut dying) = mpsc::unbounded_channel();
                let passed = Arc::default();
                // A death is noticed before the delay is over.
                let mut plan = polite_plan();
                plan.limits.delay = 2_000.ms();
                let mut members = Vec::new();
                for number in 0..3 {
                    let steps =
                        super::deaths::stop_at(step, nth, number, &passed, &stopped);
                    let options = Options { steps, ..options() };
                    members.push(member(&broker, web.clone(), &plan, options));
                }
                let number = dying.recv().within(300.secs()).await.expect("one stops");
                members.remove(number.expect("a number")).abort();
                for member in members {
                    end(member).await;
                }
                assert_eq!(shared(&broker).await.len(), 14);
                assert_polite(&web, 2_000.ms());
            });
        }
    }
}

/// A worker is stopped after it has received a page, and continues when the page was delivered to another
/// one.
#[test]
fn a_worker_that_was_stopped_too_long_does_not_request_its_page() {
    virtual_time(async {
        let (broker, web, plan) = (in_memory(), two_hosts(), polite_plan());
        let received = Arc::new(AtomicUsize::new(0));
        let steps = Steps::new(move |step| {
            let is_third =
                step == Step::Received && received.fetch_add(1, Ordering::SeqCst) == 2;
            async move {
                if is_third {
                    // A stopped process has no other task that runs, and reports no progress.
                    tokio::time::advance(1_500.ms()).await;
                }
            }
        });
        let slow = member(&broker, web.clone(), &plan, Options { steps, ..options() });
        let quick = member(&broker, web.clone(), &plan, options());
        end(slow).await;
        end(quick).await;
        assert_eq!(shared(&broker).await.len(), 14);
        assert!(
            requests(&web).values().all(|times| *times == 1),
            "{:#?}",
            web.requests()
        );
        assert_polite(&web, DELAY);
    });
}

/// It publishes a page when it has just been cut off, and so tries again until the other one is the scheduler.
#[test]
fn a_scheduler_that_was_cut_off_publishes_no_page_when_it_returns() {
    virtual_time(async {
        let network = Network::new(Embedded::in_memory());
        let quick = || Random::new(1, 1.ms()..=1.ms());
        let (began, web) = (Instant::now(), two_hosts());
        let cut = Cut::new(quick(), began + 300.ms()..began + 4_000.ms());
        let (first, second) = (network.client(cut), network.client(quick()));
        let mut plan = plan(&["http://h/"]);
        plan.limits.delay = 500.ms();
        let cut_off = member(&first, web.clone(), &plan, options());
        sleep(50.ms()).await;
        end(member(&second, web.clone(), &plan, options())).await;
        end(cut_off).await;
        assert_eq!(shared(&second).await.len(), 7);
        let twice = requests(&web).into_values().filter(|times| *times > 1);
        assert_eq!(twice.count(), 0, "{:#?}", web.requests());
        assert_polite(&web, 500.ms());
    });
}
