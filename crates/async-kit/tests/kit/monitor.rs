//! A monitor reports correctly how each task ended, and each report goes to one caller.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_kit::{
    Group, Millis, Monitor,
    monitor::{Outcome, Report, State},
    scope, virtual_time,
};
use tokio::{
    task::{JoinSet, consume_budget, yield_now},
    time::{advance, sleep, timeout},
};

use crate::{
    logged_release::{Log, ONCE},
    manual_task::{ManualTask, drop_after_polls},
};

type Result<T> = std::result::Result<T, &'static str>;

async fn after<T>(wait: Duration, result: Result<T>) -> Result<T> {
    sleep(wait).await;
    result
}

/// Never ends by itself; the release of its scope takes 30 ms.
async fn slow_to_cancel(log: Log) -> Result<()> {
    scope::with(log.resource(30.ms()), async |_| pending().await).await
}

fn outcomes<T, E>(reports: Vec<Report<T, E>>) -> Vec<(String, Outcome<T, E>, Duration)> {
    reports.into_iter().map(|r| (r.name, r.outcome, r.took)).collect()
}

/// ```text
/// 0       10      20      30      40      50
/// value  █████████████████████████████████✓ 7
/// error  █████████✗
/// late   █████████████████▏                     limit 20 ms
/// stop   █████████████████████████⊘             cancelled by name
/// panic  █████████████████████████████████✗     40 ms
/// ```
#[test]
fn each_report_has_its_outcome_and_reports_are_in_the_order_of_ending() {
    virtual_time(async {
        let monitor = Monitor::new();
        monitor.spawn("value", after(50.ms(), Ok(7)));
        monitor.spawn("error", after(10.ms(), Err("refused")));
        monitor.spawn_within("late", 20.ms(), after(9.secs(), Ok(0)));
        monitor.spawn("stop", pending());
        monitor.spawn("panic", async {
            sleep(40.ms()).await;
            panic!("boom {}", 1)
        });
        sleep(30.ms()).await;
        assert_eq!(monitor.cancel("stop"), 1);
        let expected = [
            ("error", Outcome::Failed("refused"), 10),
            ("late", Outcome::TimedOut(20.ms()), 20),
            ("stop", Outcome::Cancelled, 30),
            ("panic", Outcome::Panicked("boom 1".into()), 40),
            ("value", Outcome::Done(7), 50),
        ];
        let expected =
            expected.map(|(name, outcome, ms)| (name.into(), outcome, ms.ms()));
        assert_eq!(outcomes(monitor.join().await), expected);
    });
}

#[test]
fn active_lists_the_running_tasks_in_the_order_of_their_spawn() {
    virtual_time(async {
        let monitor = Monitor::new();
        for (name, ms) in [("a", 30), ("b", 10), ("c", 20)] {
            monitor.spawn(name, after(ms.ms(), Ok(())));
        }
        assert_eq!(monitor.active(), ["a", "b", "c"]);
        assert_eq!(monitor.next().await.unwrap().name, "b");
        assert_eq!(monitor.active(), ["a", "c"]);
        assert_eq!(monitor.join().await.len(), 2);
        assert!(monitor.active().is_empty(), "{:?}", monitor.active());
    });
}

#[test]
fn a_state_is_known_until_its_report_is_taken() {
    virtual_time(async {
        let monitor = Monitor::new();
        assert_eq!(monitor.state("job"), None);
        monitor.spawn("job", after(10.ms(), Ok(())));
        assert_eq!(monitor.state("job"), Some(State::Running));
        sleep(20.ms()).await;
        assert_eq!(monitor.state("job"), Some(State::Done));
        assert_eq!(
            monitor.next().await.map(|report| report.outcome.state()),
            Some(State::Done)
        );
        assert_eq!(monitor.state("job"), None);
    });
}

#[test]
fn a_shared_name_shows_its_newest_task_and_cancels_all_its_tasks() {
    virtual_time(async {
        let monitor = Monitor::new();
        monitor.spawn("job", ready(Err("old")));
        sleep(1.ms()).await;
        assert_eq!(monitor.state("job"), Some(State::Failed));
        monitor.spawn("job", pending::<Result<()>>());
        monitor.spawn("job", pending());
        assert_eq!(monitor.state("job"), Some(State::Running));
        assert_eq!(monitor.cancel("job"), 2);
        let states =
            monitor.join().await.iter().map(|r| r.outcome.state()).collect::<Vec<_>>();
        assert_eq!(states, [State::Failed, State::Cancelled, State::Cancelled]);
    });
}

#[test]
fn cancelling_an_ended_or_unknown_task_changes_nothing() {
    virtual_time(async {
        let monitor = Monitor::<_, ()>::new();
        monitor.spawn("job", ready(Ok(1)));
        sleep(1.ms()).await;
        assert_eq!((monitor.cancel("job"), monitor.cancel("unknown")), (0, 0));
        assert_eq!(monitor.join().await[0].outcome, Outcome::Done(1));
    });
}

#[test]
fn a_task_cancelled_before_its_first_poll_is_reported_as_cancelled() {
    virtual_time(async {
        let (monitor, log) = (Monitor::<_, ()>::new(), Log::default());
        let task_log = log.clone();
        monitor.spawn("job", async move {
            task_log.push("ran");
            Ok(())
        });
        assert_eq!(monitor.cancel("job"), 1);
        assert_eq!(monitor.join().await[0].outcome, Outcome::Cancelled);
        assert!(log.events().is_empty(), "{log:?}");
    });
}

#[test]
fn a_task_that_ends_in_the_tick_of_its_limit_is_done() {
    virtual_time(async {
        let monitor = Monitor::new();
        monitor.spawn_within("in time", 20.ms(), after(20.ms(), Ok(1)));
        monitor.spawn_within("late", 20.ms(), after(21.ms(), Ok(2)));
        monitor.spawn_within("ready", Duration::ZERO, ready(Ok(3)));
        monitor.spawn_within("never", Duration::ZERO, pending());
        monitor.spawn_within("no limit", Duration::MAX, after(30.ms(), Ok(4)));
        let reports = monitor.join().await.into_iter().map(|r| (r.name, r.outcome));
        let expected = [
            ("ready", Outcome::Done(3)),
            ("never", Outcome::TimedOut(Duration::ZERO)),
            ("in time", Outcome::Done(1)),
            ("late", Outcome::TimedOut(20.ms())),
            ("no limit", Outcome::Done(4)),
        ];
        let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome));
        assert_eq!(reports.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn a_task_runs_until_the_releases_of_its_scopes_have_ended() {
    virtual_time(async {
        let (monitor, log) = (Monitor::new(), Log::default());
        monitor.spawn_within("job", 50.ms(), slow_to_cancel(log.clone()));
        sleep(60.ms()).await;
        assert_eq!(monitor.state("job"), Some(State::Running));
        let report = monitor.next().await.unwrap();
        assert_eq!((report.outcome, report.took), (Outcome::TimedOut(50.ms()), 80.ms()));
        assert_eq!(log.events(), ONCE);
    });
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("drop");
    }
}

async fn panics_when_cancelled() -> Result<()> {
    let _bad = PanicsWhenDropped;
    pending().await
}

#[test]
fn a_task_that_panics_while_it_is_cancelled_is_reported_as_panicked() {
    virtual_time(async {
        let monitor = Monitor::<(), &str>::new();
        monitor.spawn("job", panics_when_cancelled());
        yield_now().await;
        monitor.cancel("job");
        assert_eq!(monitor.join().await[0].outcome, Outcome::Panicked("drop".into()));
    });
}

#[test]
fn the_panic_of_a_group_in_a_cancelled_task_is_reported() {
    virtual_time(async {
        let monitor = Monitor::<(), &str>::new();
        let group = Group::run(async |group| {
            group.spawn(panics_when_cancelled());
            pending().await
        });
        monitor.spawn_within("group", 50.ms(), group);
        let report = monitor.next().await.unwrap();
        assert_eq!(report.outcome, Outcome::Panicked("drop".into()));
    });
}

#[test]
fn a_dropped_monitor_cancels_its_tasks_before_released_returns() {
    virtual_time(async {
        let (monitor, log) = (Monitor::new(), Log::default());
        monitor.spawn("job", slow_to_cancel(log.clone()));
        yield_now().await;
        drop(monitor);
        scope::released().await;
        assert_eq!((log.events(), log.handles()), (ONCE.to_vec(), 1));
    });
}

#[test]
fn a_task_whose_runtime_ends_is_reported_as_cancelled() {
    let monitor = Monitor::<(), ()>::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    {
        let _inside = runtime.enter();
        monitor.spawn("job", pending());
    }
    assert_eq!(monitor.state("job"), Some(State::Running));
    drop(runtime);
    assert_eq!(monitor.state("job"), Some(State::Cancelled));
}

#[test]
fn a_monitor_without_tasks_waits_for_nothing() {
    virtual_time(async {
        let monitor = Monitor::<(), ()>::default();
        assert_eq!(monitor.next().await, None);
        assert!(monitor.join().await.is_empty());
    });
}

/// `next` is woken when task a ends, and `join` when task c ends.
#[test]
fn a_wait_dropped_at_any_point_takes_no_report() {
    for (polls, woken) in [(0, false), (1, false), (1, true)] {
        virtual_time(async move {
            let monitor = Monitor::new();
            monitor.spawn("a", after(10.ms(), Ok(1)));
            monitor.spawn("b", after(20.ms(), Ok(2)));
            monitor.spawn("c", after(30.ms(), Ok(3)));
            assert!(!drop_after_polls(polls, woken, monitor.next()).await);
            assert!(!drop_after_polls(polls, woken, monitor.join()).await);
            let states = monitor.join().await.into_iter().map(|report| report.outcome);
            let expected = [1, 2, 3].map(Outcome::Done);
            assert_eq!(states.collect::<Vec<_>>(), expected, "{polls} polls, {woken}");
        });
    }
}

/// Takes reports until there is none, and logs which consumer took which report.
async fn consume(
    name: &'static str,
    monitor: Arc<Monitor<u32, &'static str>>,
    log: Taken,
) {
    while let Some(report) = monitor.next().await {
        log.lock().unwrap().push((name, report.name));
    }
}

type Taken = Arc<Mutex<Vec<(&'static str, String)>>>;

/// ```text
/// 0       10      20      30      40
/// x░░░░░░░a░░░░░░░░░░░░░░░c               goes to the end of the queue after its report
/// y░░░░░░░░░░░░░░░b░░░░░░░░░░░░░░░d
/// ```
#[test]
fn concurrent_consumers_get_reports_in_fifo_order() {
    virtual_time(async {
        let (monitor, log) = (Arc::new(Monitor::new()), Taken::default());
        for (name, ms) in [("a", 10), ("b", 20), ("c", 30), ("d", 40)] {
            monitor.spawn(name, after(ms.ms(), Ok(1)));
        }
        let mut consumers = JoinSet::new();
        for name in ["x", "y"] {
            consumers.spawn(consume(name, Arc::clone(&monitor), Arc::clone(&log)));
        }
        timeout(1.secs(), consumers.join_all()).await.expect("every consumer ends");
        let taken = [("x", "a"), ("y", "b"), ("x", "c"), ("y", "d")];
        let taken = taken.map(|(consumer, task)| (consumer, task.to_owned()));
        assert_eq!(*log.lock().unwrap(), taken);
    });
}

#[test]
fn a_join_leaves_a_report_that_was_granted_to_a_waiting_next() {
    virtual_time(async {
        let monitor = Monitor::<_, ()>::new();
        let mut next = ManualTask::new(monitor.next());
        monitor.spawn("a", ready(Ok(1)));
        assert!(next.poll().is_pending());
        yield_now().await;
        monitor.spawn("b", ready(Ok(2)));
        let rest = monitor.join().await;
        assert_eq!(rest.into_iter().map(|report| report.name).collect::<Vec<_>>(), ["b"]);
        let Poll::Ready(Some(report)) = next.poll() else {
            panic!("its report was lost")
        };
        assert_eq!(report.name, "a");
    });
}

#[test]
fn every_waiting_next_returns_none_when_no_report_can_follow() {
    virtual_time(async {
        let monitor = Arc::new(Monitor::<_, ()>::new());
        monitor.spawn("single", async {
            sleep(10.ms()).await;
            Ok(())
        });
        let mut waiters = JoinSet::new();
        for _ in 0..3 {
            let monitor = Arc::clone(&monitor);
            waiters.spawn(async move { monitor.next().await });
        }
        let taken =
            timeout(1.secs(), waiters.join_all()).await.expect("every waiter ends");
        assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
    });
}

/// The task is never idle, so the test advances the clock.
#[tokio::test(start_paused = true)]
async fn a_task_that_uses_up_its_budget_still_times_out() {
    let monitor = Monitor::<(), ()>::new();
    monitor.spawn_within("busy", 10.ms(), async {
        loop {
            consume_budget().await;
        }
    });
    yield_now().await;
    advance(10.ms()).await;
    for _ in 0..100 {
        yield_now().await;
    }
    assert_eq!(monitor.state("busy"), Some(State::TimedOut));
}
