//! Once an event is set, every current and every later waiter proceeds, and no others.

use std::{
    hint::spin_loop,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use async_kit::{Event, Millis, TimeLimit};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{manual_task::poll_once, race::failed_rounds};

/// ```text
/// 0                     200
/// a ░░░░░░░░░░░░░░░░░░░░✓
/// b ░░░░░░░░░░░░░░░░░░░░✓
/// late                  ✓      proceeds immediately
/// ```
#[tokio::test(start_paused = true)]
async fn current_and_later_waiters_proceed() {
    let (start, event) = (Instant::now(), Arc::new(Event::new()));
    let mut waiters = JoinSet::new();
    for _ in 0..2 {
        let event = event.clone();
        waiters.spawn(async move { event.wait().await });
    }
    sleep(200.ms()).await;
    assert!(
        waiters.try_join_next().is_none(),
        "a waiter proceeded before the event was set"
    );
    event.set();
    waiters.join_all().within(1.secs()).await.expect("both proceed");
    event.wait().within(1.secs()).await.expect("a late waiter proceeds");
    assert_eq!(start.elapsed(), 200.ms());
}

/// More waiters than Tokio wakes under one lock.
#[tokio::test(start_paused = true)]
async fn waiters_are_woken_in_fifo_order() {
    let (event, woken) = (Arc::new(Event::new()), Arc::new(Mutex::new(Vec::new())));
    let mut waiters = JoinSet::new();
    for name in 0..100 {
        let (event, woken) = (event.clone(), woken.clone());
        waiters.spawn(async move {
            event.wait().await;
            woken.lock().unwrap().push(name);
        });
    }
    sleep(1.ms()).await;
    event.set();
    waiters.join_all().await;
    assert_eq!(*woken.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_cleared_event_makes_new_waiters_wait_again() {
    let event = Event::new();
    event.set();
    event.clear();
    assert!(!event.is_set(), "{event:?}");
    assert_eq!(poll_once(pin!(event.wait())), Poll::Pending);
}

#[test]
fn a_set_that_is_cleared_immediately_still_releases_current_waiters() {
    let event = Event::new();
    let mut waiter = pin!(event.wait());
    assert_eq!(poll_once(waiter.as_mut()), Poll::Pending);
    event.set();
    event.clear();
    assert_eq!(poll_once(waiter), Poll::Ready(()), "{event:?}");
}

#[test]
fn a_waiter_dropped_at_any_point_takes_no_wake_up_from_another() {
    let event = Event::new();
    let mut other = pin!(event.wait());
    drop(event.wait());
    {
        let mut waiting = pin!(event.wait());
        assert_eq!(poll_once(waiting.as_mut()), Poll::Pending);
    }
    let mut woken = Box::pin(event.wait());
    assert_eq!(poll_once(woken.as_mut()), Poll::Pending);
    assert_eq!(poll_once(other.as_mut()), Poll::Pending);
    event.set();
    drop(woken);
    assert_eq!(poll_once(other), Poll::Ready(()), "{event:?}");
    assert_eq!(poll_once(pin!(event.wait())), Poll::Ready(()), "{event:?}");
}

/// In each round the `set` comes a little later, relative to the `wait`.
#[test]
fn a_waiter_on_another_thread_misses_no_set() {
    let events: Vec<_> = (0..5_000).map(|_| Event::new()).collect();
    let missed = failed_rounds(&events, Event::set, |round, event| {
        round.begin();
        (0..round.number % 512).for_each(|_| spin_loop());
        let mut waiter = pin!(event.wait());
        let immediately = poll_once(waiter.as_mut()).is_ready();
        round.wait_for_end();
        !immediately && poll_once(waiter).is_pending()
    });
    assert_eq!(missed, 0);
}

/// One thread sets the event. The other clears it as soon as it is set, and waits again.
#[test]
fn a_set_that_was_cleared_releases_no_later_waiter() {
    let events: Vec<_> = (0..500).map(|_| Event::new()).collect();
    let released = failed_rounds(&events, Event::set, |round, event| {
        round.begin();
        while !event.is_set() {
            spin_loop();
        }
        event.clear();
        let mut waiter = pin!(event.wait());
        let immediately = poll_once(waiter.as_mut()).is_ready();
        round.wait_for_end();
        immediately || poll_once(waiter).is_ready()
    });
    assert_eq!(released, 0);
}
