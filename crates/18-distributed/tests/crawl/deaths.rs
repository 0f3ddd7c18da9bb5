//! Whichever step a member dies at, the result is the same, and only what it had in flight is requested
//! twice.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_kit::{Millis, TimeLimit, virtual_time};
use distributed::crawl::{Options, Step, Steps};
use tokio::sync::mpsc;

use super::{
    same_result::site,
    support::{
        Counted, START, end, in_memory, member, options, plain, plan, requests, shared,
    },
};

/// Steps at which a process stops forever when it reaches `step` for the `nth` time, counted over all
/// members that share `passed`. The receiver gets the member's number.
pub(crate) fn stop_at(
    step: Step,
    nth: usize,
    number: usize,
    passed: &Arc<AtomicUsize>,
    stopped: &mpsc::UnboundedSender<usize>,
) -> Steps {
    let (passed, stopped) = (Arc::clone(passed), stopped.clone());
    Steps::new(move |reached| {
        let is_here = reached == step && passed.fetch_add(1, Ordering::SeqCst) + 1 == nth;
        let stopped = stopped.clone();
        async move {
            if is_here {
                stopped.send(number).expect("the test waits");
                pending().await
            }
        }
    })
}

/// Crawls with three members, kills the one that reaches `step` for the `nth` time, and checks the rest.
/// Returns whether the step was reached so often.
async fn dies_at(step: Step, nth: usize) -> bool {
    let (alone, together, plan) = (site(), site(), plan(&[START]));
    let expected = plain(&alone, &plan).await;
    let broker = in_memory();
    let (stopped, mut dying) = mpsc::unbounded_channel();
    let passed = Arc::default();
    let webs = [(); 3].map(|()| Counted::new(together.clone()));
    let mut members = Vec::new();
    for (number, web) in webs.iter().enumerate() {
        let steps = stop_at(step, nth, number, &passed, &stopped);
        let options = Options { steps, ..options() };
        members.push(member(&broker, web.clone(), &plan, options));
    }
    drop(stopped);
    let died = dying.recv().within(300.secs()).await;
    let died = died.expect("the crawl ends, or a member stops");
    let mut in_flight = 0;
    if let Some(number) = died {
        members.remove(number).abort();
        in_flight = webs[number].in_flight() + usize::from(step == Step::Requested);
    }
    for member in members {
        end(member).await;
    }
    assert_eq!(shared(&broker).await, expected, "{step:?} {nth}");
    let (once, requested) = (requests(&alone), requests(&together));
    let more: usize =
        requested.iter().map(|(page, n)| n.saturating_sub(once[page])).sum();
    // A failed attempt is in no log: the next scheduler begins to count from the first one again.
    let attempts = 2 * 2;
    assert!(more <= in_flight + attempts, "{step:?} {nth}: {requested:#?}");
    let is_failing =
        |page: &&String| page.ends_with("/recovers") || page.ends_with("/fails");
    let twice = requested.iter().filter(|(page, n)| !is_failing(page) && **n > 1);
    assert!(twice.count() <= in_flight, "{step:?} {nth}: {requested:#?}");
    died.is_some()
}

#[test]
fn a_member_may_die_at_any_step() {
    for step in Step::ALL {
        let mut deaths = 0;
        for nth in 1..=15 {
            deaths += usize::from(virtual_time(dies_at(step, nth)));
        }
        let least = if matches!(step, Step::Claimed | Step::Over) { 1 } else { 8 };
        assert!(deaths >= least, "{step:?} was reached {deaths} times");
    }
}

/// Each scheduler dies at its first chance, until one member is left.
#[test]
fn one_scheduler_after_the_other_may_die() {
    for step in [Step::Claimed, Step::Collected, Step::Appended, Step::Over] {
        virtual_time(async move {
            let (alone, together, plan) = (site(), site(), plan(&[START]));
            let expected = plain(&alone, &plan).await;
            let broker = in_memory();
            let (stopped, mut dying) = mpsc::unbounded_channel();
            let mut members: Vec<_> = (0..4)
                .map(|number| {
                    let steps = stop_at(step, 1, number, &Arc::default(), &stopped);
                    let options = Options { steps, ..options() };
                    Some(member(&broker, together.clone(), &plan, options))
                })
                .collect();
            drop(stopped);
            let mut deaths = 0;
            while let Some(number) =
                dying.recv().within(300.secs()).await.expect("an end")
            {
                members[number].take().expect("it lives").abort();
                deaths += 1;
            }
            // At its last step, the other members already know that the crawl is over.
            assert_eq!(deaths, if step == Step::Over { 1 } else { 4 }, "{step:?}");
            end(member(&broker, together.clone(), &plan, options())).await;
            assert_eq!(shared(&broker).await, expected, "{step:?}");
        });
    }
}

/// It is not dead: it was stopped for longer than `ack_wait`, and then continues as if nothing had been.
#[test]
fn a_scheduler_that_was_only_stopped_decides_nothing_more() {
    for step in [Step::Claimed, Step::Collected, Step::Appended] {
        virtual_time(async move {
            let (alone, together, plan) = (site(), site(), plan(&[START]));
            let expected = plain(&alone, &plan).await;
            let broker = in_memory();
            let (passed, (stopped, mut stops)) =
                (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
            let steps = {
                Steps::new(move |reached| {
                    let is_here =
                        reached == step && passed.fetch_add(1, Ordering::SeqCst) == 0;
                    let stopped = stopped.clone();
                    async move {
                        if is_here {
                            stopped.send(()).expect("the test waits");
                            // Its heartbeats go on, so the message has to be taken from it.
                            tokio::time::sleep(3_000.ms()).await;
                        }
                    }
                })
            };
            let first =
                member(&broker, together.clone(), &plan, Options { steps, ..options() });
            stops.recv().within(300.secs()).await.expect("it stops").expect("once");
            let message = serde_json::json!({ "plan": plan });
            let crawl = broker.queue("crawl", super::strangers::settings()).await;
            let message = distributed::Message::new(message.to_string());
            crawl.expect("a queue").publish_one(message).await.expect("it is stored");
            let second = member(&broker, together.clone(), &plan, options());
            end(second).await;
            end(first).await;
            assert_eq!(shared(&broker).await, expected, "{step:?}");
        });
    }
}
