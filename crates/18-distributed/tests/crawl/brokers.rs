//! A crawl ends with the same result on every broker, also if the broker is closed and opened again.

use std::{fmt::Debug, sync::Arc};

use async_kit::{Millis, TimeLimit, lab::Lab};
use crawler::{FetchLimits, Fetcher, Web};
use distributed::{
    Broker,
    crawl::{Options, Plan, Step},
};
use tokio::sync::mpsc;

use super::{
    deaths::stop_at,
    on_all::{on_all, on_all_stored, open},
    support::{count, decided_by, end, member, options, plan, shared},
    without_port::without_port,
};

pub(crate) const SITE: &str = "/site/30-5ms/";

pub(crate) fn fetcher() -> Fetcher {
    Fetcher::new(Web::new(FetchLimits::default(), true).expect("a client"), None)
}

/// Two requests at a time. The silence of a dead member is longer than any pause of a busy machine, as far
/// as it matters: after a longer one, pages are requested twice, but nothing is lost.
pub(crate) fn patient() -> Options {
    Options { requests: count(2), ack_wait: 2_000.ms(), ..options() }
}

async fn lab() -> (Lab, Plan) {
    let lab = Lab::start().await.expect("a lab");
    let plan = plan(&[&lab.url(SITE)]);
    (lab, plan)
}

/// What the plain crawler decides about the site.
pub(crate) async fn expected() -> String {
    let (_lab, plan) = lab().await;
    let decided = decided_by(fetcher(), &plan).await;
    assert_eq!(decided.len(), 37, "30 pages, a missing one, and six that are skipped");
    shown(&decided)
}

/// How many of the 30 pages were requested, and how many of them more than once.
pub(crate) fn requested(lab: &Lab) -> (usize, usize) {
    let pages = (1..30).map(|n| format!("{SITE}page/{n}")).chain([SITE.to_owned()]);
    let times: Vec<_> = pages.map(|page| lab.requests_to(&page)).collect();
    let at_least = |n| times.iter().filter(|times| **times >= n).count();
    (at_least(1), at_least(2))
}

/// Kills the member that reaches the step, and lets the others end.
async fn with_a_death(broker: &Arc<dyn Broker>, plan: &Plan, step: Step) {
    let (stopped, mut dying) = mpsc::unbounded_channel();
    let passed = Arc::default();
    let mut members: Vec<_> = (0..3)
        .map(|number| {
            let steps = stop_at(step, 6, number, &passed, &stopped);
            member(broker, fetcher(), plan, Options { steps, ..patient() })
        })
        .collect();
    let number = dying.recv().within(60.secs()).await.expect("it is reached");
    let dead = members.remove(number.expect("a number"));
    dead.abort();
    assert!(dead.await.is_err(), "it was killed");
    for member in members {
        end(member).await;
    }
}

#[tokio::test]
async fn three_members_of_which_one_dies_decide_what_the_plain_crawler_decides() {
    for step in [Step::Published, Step::Appended] {
        on_all(async |broker| {
            let expected = expected().await;
            let (lab, plan) = lab().await;
            with_a_death(&broker, &plan, step).await;
            let decided = shared(&broker).await;
            assert_eq!(shown(&decided), expected, "{step:?}");
            let (once, twice) = requested(&lab);
            assert_eq!(once, 30);
            assert!(twice <= 2, "{step:?}: {twice} pages were requested twice");
        })
        .await;
    }
}

#[tokio::test]
async fn a_crawl_continues_when_its_broker_is_opened_again() {
    on_all_stored(async |location| {
        let expected = expected().await;
        let (lab, plan) = lab().await;
        for step in [Step::Collected, Step::Appended, Step::Published] {
            let broker = open(location).await;
            let (stopped, mut dying) = mpsc::unbounded_channel();
            let steps = stop_at(step, 4, 0, &Arc::default(), &stopped);
            let options = Options { steps, ..patient() };
            let dead = member(&broker, fetcher(), &plan, options);
            let stops = dying.recv().within(60.secs()).await.expect("it is reached");
            stops.expect("a number");
            dead.abort();
            assert!(dead.await.is_err(), "it was killed");
        }
        let broker = open(location).await;
        end(member(&broker, fetcher(), &plan, patient())).await;
        assert_eq!(shown(&shared(&broker).await), expected);
        let (once, twice) = requested(&lab);
        assert_eq!(once, 30);
        assert!(twice <= 3 * 2, "{twice} pages were requested twice");
    })
    .await;
}

/// What was decided, as text, without the port of this test's server.
pub(crate) fn shown(decided: &impl Debug) -> String {
    without_port(&format!("{decided:#?}"))
}
