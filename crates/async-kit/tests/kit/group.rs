//! However a group ends, its children end first, and their scopes are released.

use std::{future::pending, panic::AssertUnwindSafe, time::Duration};

use async_kit::{Group, Millis, monitor::panic_text, scope, virtual_time};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use tokio::{
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use crate::{
    logged_release::{Log, ONCE},
    manual_task::drop_after_polls,
};

async fn after(wait: Duration, result: Result<u32, &str>) -> Result<u32, &str> {
    sleep(wait).await;
    result
}

/// Never ends by itself; the release of its scope takes 30 ms.
async fn slow_to_cancel(log: Log) -> Result<(), &'static str> {
    scope::with(log.resource(30.ms()), async |_| pending().await).await
}

#[test]
fn children_run_concurrently_and_each_handle_returns_its_own_value() {
    virtual_time(async {
        let start = Instant::now();
        let values = Group::run(async |group| {
            let children =
                [30, 20, 10].map(|n| group.spawn(after(u64::from(n).ms(), Ok(n))));
            Ok(join_all(children).await)
        });
        assert_eq!(values.await, Ok(vec![30, 20, 10]));
        assert_eq!(start.elapsed(), 30.ms());
    });
}

#[test]
fn a_group_waits_for_children_whose_handles_were_dropped() {
    virtual_time(async {
        let log = Log::default();
        let child_log = log.clone();
        let result = Group::run(async |group| {
            group.spawn(async move {
                sleep(20.ms()).await;
                child_log.push("child");
                Ok::<_, ()>(())
            });
            Ok("body")
        });
        assert_eq!(result.await, Ok("body"));
        assert_eq!(log.events(), ["child"]);
    });
}

/// ```text
/// 0       50      80
/// bad █████✗
/// rest█████⊘
///          ████████✓    its release ends, and the group ends
/// ```
#[test]
fn the_first_error_cancels_the_others_and_waits_for_their_releases() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let result = Group::run(async |group| {
            group.spawn(slow_to_cancel(log.clone()));
            group.spawn(after(50.ms(), Err("first")));
            group.spawn(after(60.ms(), Err("second")));
            Ok(())
        });
        assert_eq!(result.await, Err("first"));
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 80.ms()));
    });
}

#[test]
fn a_child_that_fails_cancels_a_body_that_waits_for_it() {
    virtual_time(async {
        let log = Log::default();
        let result = Group::run(async |group| {
            let child = group.spawn(after(50.ms(), Err("child")));
            // The body has a scope too, and the group waits for its release.
            Ok(scope::with(log.resource(30.ms()), async |_| child.await).await)
        });
        assert_eq!(result.await, Err("child"));
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn a_body_that_fails_cancels_the_children_and_waits_for_their_releases() {
    virtual_time(async {
        let log = Log::default();
        let result: Result<(), _> = Group::run(async |group| {
            group.spawn(slow_to_cancel(log.clone()));
            yield_now().await;
            Err("body")
        })
        .await;
        assert_eq!(result, Err("body"));
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn siblings_are_cancelled_before_the_releases_of_the_failing_child_end() {
    virtual_time(async {
        let (log, sibling) = (Log::default(), Log::default());
        let sibling_log = sibling.clone();
        let result: Result<(), _> = Group::run(async |group| {
            let child_log = log.clone();
            group.spawn(async move {
                let _ = timeout(10.ms(), slow_to_cancel(child_log)).await;
                Err::<(), _>("child")
            });
            group.spawn(async move {
                sleep(20.ms()).await;
                sibling_log.push("still ran");
                Ok(())
            });
            pending().await
        })
        .await;
        assert_eq!((result, log.events()), (Err("child"), ONCE.to_vec()));
        assert!(sibling.events().is_empty(), "{sibling:?}");
    });
}

/// Logs that it ran, at 50 ms.
async fn at_50_ms(log: Log) -> Result<(), &'static str> {
    sleep(50.ms()).await;
    log.push("ran");
    Ok(())
}

#[test]
fn a_sibling_woken_in_the_tick_of_the_failure_does_not_continue() {
    virtual_time(async {
        let log = Log::default();
        let result = Group::run(async |group| {
            group.spawn(after(50.ms(), Err("first")));
            group.spawn(at_50_ms(log.clone()));
            Ok(())
        });
        assert_eq!(result.await, Err("first"));
        assert!(log.events().is_empty(), "{log:?}");
    });
}

#[test]
fn a_child_that_is_ready_when_its_group_is_dropped_does_not_run() {
    virtual_time(async {
        let log = Log::default();
        let run = Group::run(async |group| {
            let log = log.clone();
            group.spawn(async move {
                log.push("ran");
                Ok::<_, ()>(())
            });
            Ok(())
        });
        assert!(!drop_after_polls(1, false, run).await);
        scope::released().await;
        assert!(log.events().is_empty(), "{log:?}");
    });
}

/// The text of the panic with which a group ends, after its children were released.
async fn panic_of<F>(log: Log, body: impl FnOnce(Group<&'static str>) -> F) -> String
where
    F: Future<Output = Result<(), &'static str>>,
{
    let run = Group::run(async |group| {
        group.spawn(slow_to_cancel(log.clone()));
        yield_now().await;
        body(group).await
    });
    let panic = AssertUnwindSafe(run).catch_unwind().await.expect_err("it panics");
    assert_eq!(log.events(), ONCE);
    panic_text(&*panic).to_owned()
}

#[test]
fn the_panic_of_a_child_continues_when_all_children_have_ended() {
    virtual_time(async {
        let panic = panic_of(Log::default(), async |group| {
            group.spawn::<(), _>(async { panic!("child") });
            pending().await
        });
        assert_eq!(panic.await, "child");
    });
}

#[test]
fn the_panic_of_the_body_continues_when_all_children_have_ended() {
    virtual_time(async {
        let panic = panic_of(Log::default(), async |_| panic!("body"));
        assert_eq!(panic.await, "body");
    });
}

#[test]
fn a_panic_has_precedence_over_an_earlier_error() {
    virtual_time(async {
        let panic = panic_of(Log::default(), async |group| {
            group.spawn(panics_when_cancelled());
            yield_now().await;
            Err("body")
        });
        assert_eq!(panic.await, "drop");
    });
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("drop");
    }
}

async fn panics_when_cancelled() -> Result<(), &'static str> {
    let _bad = PanicsWhenDropped;
    pending().await
}

#[test]
fn a_panic_in_the_drop_of_a_value_that_no_task_takes_continues() {
    virtual_time(async {
        let unwanted = panic_of(Log::default(), async |group| {
            drop(group.spawn(async { Ok(PanicsWhenDropped) }));
            pending().await
        });
        assert_eq!(unwanted.await, "drop");
    });
}

/// Two panics at the same time would abort the process of this test.
#[test]
fn a_panic_has_precedence_over_a_panic_in_the_drop_of_the_value() {
    virtual_time(async {
        let run = Group::run(async |group: Group<()>| {
            group.spawn::<(), _>(async { panic!("child") });
            Ok(PanicsWhenDropped)
        });
        let panic = AssertUnwindSafe(run).catch_unwind().await.err().expect("it panics");
        assert_eq!(panic_text(&*panic), "child");
    });
}

#[test]
fn a_child_can_spawn_siblings_and_the_group_waits_for_them() {
    fn countdown(
        group: Group<()>,
        from: u32,
        log: Log,
    ) -> BoxFuture<'static, Result<(), ()>> {
        let tick = async move {
            sleep(10.ms()).await;
            log.push("tick");
            if from > 1 {
                group.spawn(countdown(group.clone(), from - 1, log));
            }
            Ok(())
        };
        tick.boxed()
    }
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let result = Group::run(async |group| {
            group.spawn(countdown(group.clone(), 3, log.clone()));
            Ok(())
        });
        assert_eq!((result.await, start.elapsed()), (Ok(()), 30.ms()));
        assert_eq!(log.events(), ["tick"; 3]);
    });
}

#[test]
fn a_child_spawned_after_the_group_has_ended_never_runs() {
    virtual_time(async {
        let log = Log::default();
        let group = Group::run(async |group| Ok::<_, ()>(group)).await.unwrap();
        let child_log = log.clone();
        let child = group.spawn(async move {
            child_log.push("ran");
            Ok(())
        });
        yield_now().await;
        assert!(log.events().is_empty(), "{log:?}");
        assert!(tokio::spawn(child).await.unwrap_err().is_panic(), "it hangs");
    });
}

#[test]
fn a_dropped_inner_group_ends_before_the_outer_one_does() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let child_log = log.clone();
        let result: Result<(), _> = Group::run(async |outer| {
            outer.spawn(Group::run(async move |inner| {
                inner.spawn(slow_to_cancel(child_log));
                Ok(())
            }));
            sleep(50.ms()).await;
            Err("outer")
        })
        .await;
        assert_eq!(result, Err("outer"));
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 80.ms()));
    });
}

/// ```text
/// 0       10      50      80
/// inner   █✗                      its panic is recorded
/// sibling █⊘──────────────✓       its release takes until 40 ms, the group waits
/// outer   ████✗                   fails at 20 ms, and drops the inner group
/// ```
async fn inner_panics_first(log: Log) -> Result<(), &'static str> {
    Group::run(async |inner| {
        inner.spawn(slow_to_cancel(log));
        inner.spawn::<(), _>(async {
            sleep(10.ms()).await;
            panic!("inner")
        });
        pending().await
    })
    .await
}

/// The text of the panic of a group that fails after 20 ms, while `child` runs in it.
async fn panic_of_outer<F>(child: F) -> String
where
    F: Future<Output = Result<(), &'static str>> + Send + 'static,
{
    let run = Group::run(async |outer| {
        outer.spawn(child);
        sleep(20.ms()).await;
        Err::<(), _>("outer")
    });
    let panic = AssertUnwindSafe(run).catch_unwind().await.expect_err("it panics");
    panic_text(&*panic).to_owned()
}

#[test]
fn a_panic_in_a_dropped_inner_group_continues_in_the_outer_one() {
    virtual_time(async {
        let log = Log::default();
        assert_eq!(panic_of_outer(inner_panics_first(log.clone())).await, "inner");
        assert_eq!(log.events(), ONCE);
        let late = panic_of_outer(Group::run(async |inner| {
            inner.spawn(panics_when_cancelled());
            pending().await
        }));
        assert_eq!(late.await, "drop");
    });
}

#[test]
fn a_panic_two_groups_further_in_continues_in_the_outermost_one() {
    virtual_time(async {
        let log = Log::default();
        let inner = inner_panics_first(log.clone());
        let panic = panic_of_outer(Group::run(async |_| inner.await));
        assert_eq!((panic.await, log.events()), ("inner".to_owned(), ONCE.to_vec()));
    });
}

#[test]
fn a_panic_in_a_group_that_timed_out_continues_in_the_group_around_it() {
    virtual_time(async {
        let log = Log::default();
        let panic = panic_of(log.clone(), async |outer| {
            let inner = inner_panics_first(Log::default());
            outer.spawn(async { timeout(20.ms(), inner).await.unwrap_or(Ok(())) });
            pending().await
        });
        assert_eq!(panic.await, "inner");
    });
}

/// Each layer of an async function has room for the future in it, so sizes multiply unless a layer keeps
/// it on the heap.
#[test]
fn a_group_in_a_group_adds_to_the_size_of_its_future() {
    let data = [7_u8; 100];
    let one = Group::run(async move |_: Group<()>| {
        yield_now().await;
        Ok(data[0])
    });
    let of_one = size_of_val(&one);
    let two = Group::run(async move |_| one.await);
    let of_two = size_of_val(&two);
    assert!(of_two < 2 * of_one, "one {of_one}, two {of_two} bytes");
}

/// ```text
/// 0       10      40      50
/// child   ██⊘─────✓               its scope is released until 40 ms
/// sibling ████████████████✓       it and the body continue
/// ```
#[test]
fn a_cancelled_child_ends_alone_and_the_group_waits_for_its_release() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let result = Group::run(async |group| {
            let cancelled = group.spawn(slow_to_cancel(log.clone()));
            let sibling = group.spawn(after(50.ms(), Ok(7)));
            sleep(10.ms()).await;
            cancelled.cancel();
            Ok(sibling.await)
        });
        assert_eq!((result.await, start.elapsed()), (Ok(7), 50.ms()));
        assert_eq!(log.events(), ONCE);

        let (log, start) = (Log::default(), Instant::now());
        let result = Group::run(async |group| {
            let cancelled = group.spawn(slow_to_cancel(log.clone()));
            yield_now().await;
            cancelled.cancel();
            Ok("body")
        });
        assert_eq!((result.await, start.elapsed()), (Ok("body"), 30.ms()));
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn a_child_cancelled_before_its_first_poll_never_runs() {
    virtual_time(async {
        let log = Log::default();
        let result = Group::run(async |group| {
            group.spawn(at_50_ms(log.clone())).cancel();
            Ok("body")
        });
        assert_eq!(result.await, Ok("body"));
        assert!(log.events().is_empty(), "{log:?}");
    });
}

/// A group of three children in scopes, one of which is spawned by a fourth child.
async fn family(logs: [Log; 3]) -> Result<(), &'static str> {
    async fn child(log: Log) -> Result<(), &'static str> {
        scope::with(log.resource(1.ms()), async |_| yield_now().await).await;
        Ok(())
    }
    Group::run(async |group| {
        let [first, second, third] = logs;
        let first = group.spawn(child(first));
        yield_now().await;
        first.await;
        let siblings = group.clone();
        let parent = group.spawn(async move {
            siblings.spawn(child(third)).await;
            Ok(())
        });
        group.spawn(child(second)).await;
        parent.await;
        Ok(())
    })
    .await
}

#[test]
fn a_group_dropped_at_any_point_ends_its_children_before_released_returns() {
    let mut ready = false;
    let mut polls = 0;
    while !ready {
        for woken in [false, true] {
            let logs: [Log; 3] = Default::default();
            let job = drop_after_polls(polls, woken, family(logs.clone()));
            let seen = logs.clone();
            let children = virtual_time(async move {
                let ready = tokio::spawn(job).await.unwrap();
                scope::released().await;
                (ready, seen.map(|log| log.events()))
            });
            ready = children.0;
            let complete =
                |events: &Vec<_>| *events == ONCE || (!ready && events.is_empty());
            assert!(
                children.1.iter().all(complete),
                "{polls} polls, {woken}: {children:?}"
            );
            let handles = logs.map(|log| log.handles());
            assert_eq!(handles, [1; 3], "{polls} polls: a log is still in use");
        }
        polls += 1;
    }
    assert!(polls > 4, "only {polls} polls: no drop happened inside the group");
}

#[test]
fn settled_waits_for_the_children_of_a_group_that_timed_out() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let run = Group::run(async |group| {
            group.spawn(slow_to_cancel(log.clone()));
            Ok(())
        });
        assert!(scope::settled(timeout(50.ms(), run)).await.is_err());
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 80.ms()));
    });
}
