//! However a scope ends, its release runs exactly once, and to its end if a runtime runs it.

use async_kit::{
    Millis,
    scope::{Release, released, settled, with},
    virtual_time,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::{JoinSet, yield_now},
    time::{Instant, sleep, timeout},
};

use crate::{
    logged_release::{Log, ONCE, Resource},
    manual_task::drop_after_polls,
};

/// A scope whose release takes 30 ms.
async fn scope_of<T>(log: &Log, body: impl AsyncFnOnce(&mut Resource) -> T) -> T {
    with(log.resource(30.ms()), body).await
}

#[test]
fn a_body_that_returns_is_released_before_with_returns() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let answer = scope_of(&log, async |_| 42).await;
        assert_eq!((answer, start.elapsed()), (42, 30.ms()));
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn a_scope_in_a_scope_adds_to_the_size_of_its_future() {
    let (log, data) = (Log::default(), [7_u8; 1_000]);
    let one = with(log.resource(0.ms()), async move |_: &mut Resource| {
        yield_now().await;
        data[0]
    });
    let of_one = size_of_val(&one);
    let two = with(log.resource(0.ms()), async move |_: &mut Resource| one.await);
    let of_two = size_of_val(&two);
    assert!(of_two < 2 * of_one, "one {of_one}, two {of_two} bytes");
}

#[test]
fn a_body_that_fails_is_released_before_its_error_is_returned() {
    virtual_time(async {
        let log = Log::default();
        let result: Result<(), &str> = scope_of(&log, async |_| Err("no")).await;
        assert_eq!(result, Err("no"));
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn a_body_that_panics_is_released_before_its_panic_continues() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let job_log = log.clone();
        let job = async move { scope_of(&job_log, async |_| panic!("body")).await };
        let panic = tokio::spawn(job).await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref(), Some(&"body"));
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 30.ms()));
    });
}

#[test]
fn nested_scopes_are_released_from_the_inside_out() {
    virtual_time(async {
        let (outer, inner) = (Log::default(), Log::default());
        let both = scope_of(&outer, async |_| {
            scope_of(&inner, async |_| ()).await;
            assert_eq!(inner.events(), ONCE);
            assert!(outer.events().is_empty(), "{outer:?}");
        });
        both.await;
        assert_eq!(outer.events(), ONCE);
    });
}

/// ```text
/// 0       20    50    80
/// body████⊘
///         inner█✓
///               outer█✓
/// ```
#[test]
fn nested_scopes_cancelled_together_are_released_one_after_the_other() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let nested = scope_of(&log, async |_| {
            scope_of(&log, async |_| sleep(90.ms()).await).await;
        });
        assert!(timeout(20.ms(), nested).await.is_err());
        released().await;
        assert_eq!(log.events(), [ONCE, ONCE].concat());
        assert_eq!(start.elapsed(), 80.ms());
    });
}

#[test]
fn a_scope_waits_for_the_release_of_a_cancelled_scope_inside_it() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let outer = scope_of(&log, async |_| {
            let inner = scope_of(&log, async |_| sleep(90.ms()).await);
            timeout(20.ms(), inner).await.is_err()
        });
        assert!(outer.await);
        assert_eq!(log.events(), [ONCE, ONCE].concat());
        assert_eq!(start.elapsed(), 80.ms());
    });
}

#[test]
fn a_scope_can_borrow_and_still_be_part_of_a_spawned_task() {
    virtual_time(async {
        let log = Log::default();
        let job_log = log.clone();
        let task = tokio::spawn(async move {
            let mut words = vec!["a"];
            let length = with(job_log.resource(5.ms()), async |resource| {
                resource.log.push("used");
                words.push("b");
                yield_now().await;
                words.len()
            });
            (length.await, words)
        });
        assert_eq!(task.await.unwrap(), (2, vec!["a", "b"]));
        assert_eq!(log.events(), ["used", "releasing", "released"]);
    });
}

/// ```text
/// poll     1     2     3     4     5
/// body     ├─────┼─────┤
/// release              ├─────┼─────✓
/// ```
#[test]
fn a_scope_dropped_at_any_point_is_released_exactly_once() {
    async fn body(_: &mut Yields) {
        yield_now().await;
        yield_now().await;
    }
    for (polls, woken) in (0..=5).flat_map(|polls| [(polls, false), (polls, true)]) {
        virtual_time(async move {
            let log = Log::default();
            let ready =
                drop_after_polls(polls, woken, with(Yields(log.clone()), body)).await;
            assert_eq!(ready, polls == 5, "after {polls} polls: {log:?}");
            released().await;
            assert_eq!(log.events(), ONCE, "after {polls} polls, woken: {woken}");
        });
    }
}

struct Yields(Log);

impl Release for Yields {
    async fn release(self) {
        self.0.push("releasing");
        yield_now().await;
        yield_now().await;
        self.0.push("released");
    }
}

/// ```text
/// 0       20  30      50
/// body████▏
///         release█⊘
///                 ████✓    the rest of the release
/// ```
#[test]
fn a_second_cancellation_does_not_cancel_the_release() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let job = scope_of(&log, async |_| sleep(20.ms()).await);
        assert!(timeout(30.ms(), job).await.is_err());
        assert_eq!(log.events(), ["releasing"]);
        released().await;
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 50.ms()));
    });
}

struct Panics {
    log: Log,
    /// Whether the release waits before it panics.
    later: bool,
}

impl Release for Panics {
    async fn release(self) {
        self.log.push("releasing");
        if self.later {
            yield_now().await;
        }
        panic!("release");
    }
}

#[test]
fn a_release_that_panics_is_not_run_again() {
    for later in [false, true] {
        virtual_time(async move {
            let log = Log::default();
            let resource = Panics { log: log.clone(), later };
            let job = tokio::spawn(with(resource, async |_| panic!("body")));
            let panic = job.await.unwrap_err().into_panic();
            assert_eq!(
                panic.downcast_ref(),
                Some(&"release"),
                "the later of the two panics continues"
            );
            released().await;
            assert_eq!(log.events(), ["releasing"]);
        });
    }
}

#[test]
fn a_release_that_panics_in_the_background_ends_the_wait_for_it() {
    for later in [false, true] {
        virtual_time(async move {
            let log = Log::default();
            settled(async {
                drop(with(Panics { log: log.clone(), later }, async |_| ()))
            })
            .await;
            released().await;
            assert_eq!(log.events(), ["releasing"]);
        });
    }
}

#[test]
fn a_scope_dropped_outside_a_runtime_gets_one_poll_for_its_release() {
    let (quick, slow, bad) = (Log::default(), Log::default(), Log::default());
    drop(with(quick.resource(0.ms()), async |_| ()));
    assert_eq!(quick.events(), ONCE);
    // Its release starts a timer, which panics without a runtime. The panic is caught.
    drop(with(slow.resource(30.ms()), async |_| ()));
    assert_eq!(slow.events(), ["releasing"]);
    drop(with(Panics { log: bad.clone(), later: false }, async |_| ()));
    assert_eq!(bad.events(), ["releasing"]);
}

fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_runtime_that_ends_during_a_body_still_begins_the_release() {
    let (quick, slow) = (Log::default(), Log::default());
    let runtime = paused_runtime();
    for (log, takes) in [(&quick, 0.ms()), (&slow, 30.ms())] {
        let job = with(log.resource(takes), async |_| sleep(9.secs()).await);
        runtime.spawn(job);
    }
    runtime.block_on(async { sleep(1.ms()).await });
    assert!(quick.events().is_empty() && slow.events().is_empty(), "{quick:?} {slow:?}");
    drop(runtime);
    assert_eq!((quick.events(), slow.events()), (ONCE.to_vec(), vec!["releasing"]));
}

/// The outer release was spawned before the background release in its inner scope, so the end of the
/// runtime drops it first, when the inner one has not ended.
#[test]
fn a_release_that_waits_for_another_still_begins_when_the_runtime_ends() {
    let (outer, inner) = (Log::default(), Log::default());
    let runtime = paused_runtime();
    runtime.block_on(async {
        let nested = with(outer.resource(0.ms()), async |_| {
            with(Nested(inner.clone()), async |_| sleep(9.secs()).await).await;
        });
        assert!(timeout(20.ms(), nested).await.is_err());
        sleep(20.ms()).await;
    });
    assert_eq!((outer.events(), inner.events()), (vec![], vec!["releasing"]));
    drop(runtime);
    assert_eq!((outer.events(), inner.events()), (ONCE.to_vec(), vec!["releasing"]));
}

#[test]
fn released_before_the_end_of_a_runtime_completes_the_release() {
    let log = Log::default();
    let runtime = paused_runtime();
    runtime.block_on(async {
        drop(with(log.resource(30.ms()), async |_| ()));
        released().await;
    });
    drop(runtime);
    assert_eq!(log.events(), ONCE);
}

#[test]
fn released_does_not_wait_for_another_runtime() {
    let log = Log::default();
    let (here, there) = (paused_runtime(), paused_runtime());
    {
        let _there = there.enter();
        drop(with(log.resource(30.ms()), async |_| ()));
    }
    let within = |limit| async move { timeout(limit, released()).await.is_ok() };
    assert!(here.block_on(within(1.ms())), "no release runs on this runtime");
    assert!(log.events().is_empty(), "{log:?}");
    assert!(there.block_on(within(31.ms())), "{log:?}");
    assert_eq!(log.events(), ONCE);
}

/// A release that reports its end to another task.
struct Reports(oneshot::Sender<()>);

impl Release for Reports {
    async fn release(self) {
        sleep(30.ms()).await;
        self.0.send(()).unwrap();
    }
}

/// ```text
/// 0           30           60
/// first release✓
///              second release✓    its scope is dropped when the first release has ended
/// ```
#[test]
fn released_waits_for_a_release_that_another_release_causes() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let (sender, first_ended) = oneshot::channel();
        let second = with(log.resource(30.ms()), async |_| ());
        tokio::spawn(async move {
            first_ended.await.unwrap();
            drop(second);
        });
        drop(with(Reports(sender), async |_| ()));
        released().await;
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 60.ms()));
    });
}

/// ```text
/// 0       50      80
/// job█████⊘
///         ████████✓    its release: settled returns now
/// ```
#[test]
fn settled_waits_for_the_release_after_a_timeout() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        let job = scope_of(&log, async |_| sleep(9.secs()).await);
        assert!(settled(timeout(50.ms(), job)).await.is_err());
        assert_eq!((log.events(), start.elapsed()), (ONCE.to_vec(), 80.ms()));
    });
}

#[test]
fn settled_waits_for_the_releases_of_a_dropped_settled_inside_it() {
    virtual_time(async {
        let log = Log::default();
        let job = settled(scope_of(&log, async |_| sleep(9.secs()).await));
        assert!(settled(timeout(50.ms(), job)).await.is_err());
        assert_eq!(log.events(), ONCE);
    });
}

/// A release that itself cancels a scope.
struct Nested(Log);

impl Release for Nested {
    async fn release(self) {
        let inner = scope_of(&self.0, async |_| sleep(9.secs()).await);
        let _ = timeout(10.ms(), inner).await;
    }
}

#[test]
fn settled_waits_for_the_background_releases_of_a_release() {
    virtual_time(async {
        let log = Log::default();
        settled(async { drop(with(Nested(log.clone()), async |_| ())) }).await;
        assert_eq!(log.events(), ONCE);
    });
}

#[test]
fn settled_does_not_wait_for_releases_of_scopes_outside_it() {
    virtual_time(async {
        let (log, start) = (Log::default(), Instant::now());
        drop(with(log.resource(9.secs()), async |_| ()));
        settled(sleep(5.ms())).await;
        assert_eq!(start.elapsed(), 5.ms());
        released().await;
    });
}

/// Several threads change the registry of background releases.
#[test]
fn aborted_tasks_on_many_threads_are_each_released_exactly_once() {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_time().build();
    let logs: Vec<Log> = (0..200).map(|_| Log::default()).collect();
    runtime.unwrap().block_on(async {
        let mut tasks = JoinSet::new();
        for log in &logs {
            tasks.spawn(with(Yields(log.clone()), async |_| yield_now().await));
        }
        tasks.shutdown().await;
        released().await;
    });
    assert!(logs.iter().all(|log| log.events() == ONCE), "{logs:?}");
}
