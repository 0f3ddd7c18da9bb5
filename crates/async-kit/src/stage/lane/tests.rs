//! A lane ends as its future does, and everything its future says is said in it.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use tokio::{
    join,
    runtime::Builder,
    sync::oneshot,
    task::yield_now,
    time::{sleep, timeout},
};

use super::*;
use crate::{
    Millis, Transcript, say,
    stage::{
        record::{Ending, Event, Recorder, Recording, What},
        virtual_time::run,
    },
    virtual_time,
};

#[test]
fn a_lane_ends_as_its_future_does() {
    let seen = virtual_time(Transcript::of(async {
        async {}.lane("done").await;
        let failed = async { Err::<(), _>("no") };
        assert_eq!(failed.try_lane("failed").await, Err("no"));
        let panicked = async { panic!("on purpose") };
        assert!(tokio::spawn(panicked.lane("panicked")).await.is_err());
        assert!(timeout(1.ms(), sleep(2.ms()).lane("dropped")).await.is_err());
        drop(sleep(2.ms()).lane("never polled"));
    }));
    let endings = ["done", "failed", "panicked", "dropped", "never polled"]
        .map(|lane| seen.ending(lane).expect(lane));
    let expected = [
        Ending::Done,
        Ending::Failed,
        Ending::Panicked,
        Ending::Dropped,
        Ending::NeverPolled,
    ];
    assert_eq!(endings, expected);
}

#[test]
fn what_a_future_says_while_it_is_dropped_belongs_to_its_lane() {
    struct Sighs;
    impl Drop for Sighs {
        fn drop(&mut self) {
            say!("oh");
        }
    }
    let seen = virtual_time(Transcript::of(async {
        let sighs = Sighs;
        let job = async move {
            sleep(2.ms()).await;
            drop(sighs);
        };
        assert!(timeout(1.ms(), job.lane("job")).await.is_err());
    }));
    seen.assert_lines(["[  0.001s] job oh"]);
}

#[test]
fn a_lane_made_before_its_run_belongs_to_the_run_that_polls_it() {
    let outside = async { say!("from outside") }.lane("early");
    let seen = virtual_time(async {
        let inside = async {
            yield_now().await;
            say!("from inside");
        };
        Transcript::of(async {
            join!(inside.lane("late"), outside);
        })
        .await
    });
    seen.assert_lines(["[  0.000s] early from outside", "[  0.000s] late from inside"]);
}

#[test]
fn a_poll_for_a_sibling_is_not_a_wake() {
    let recorder = Recorder::silent();
    let polls = async {
        let never = std::future::pending::<()>().lane("never");
        let _ = timeout(100.ms(), async { join!(never, sleep(40.ms())) }).await;
    };
    // Seen from within, at the end: the lane was polled again at 40 ms, for its sibling.
    let watch = recorder.clone();
    let since = run(&recorder, async move {
        let watching = async {
            sleep(50.ms()).await;
            watch.unfinished()[0].since
        };
        join!(polls, watching).1
    });
    assert_eq!(since.unwrap(), Some(0.ms()));
}

/// Every stretch from a wake to the poll, or to the drop, that came too late.
fn unpolled(recording: &Recording) -> Vec<(Duration, Duration)> {
    let stretch = |event: &Event| match event.what {
        What::Unpolled { since } => Some((since, event.at)),
        _ => None,
    };
    recording.events.iter().filter_map(stretch).collect()
}

/// Polls a lane that is ready at 10 ms, turns to something else until 51 ms, and then goes on.
fn neglected<F>(goes_on: fn(Laned<'static, ()>) -> F) -> Recording
where
    F: Future<Output = ()> + Send + 'static,
{
    let seen = virtual_time(Transcript::of(async move {
        let mut job = sleep(10.ms()).lane("job");
        assert!(timeout(1.ms(), &mut job).await.is_err());
        sleep(50.ms()).await;
        goes_on(job).await;
    }));
    seen.recording().clone()
}

/// Plays on a real clock, inside a runtime, because a wake has a time only there.
fn by_hand(play: impl FnOnce()) -> Recording {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let _inside = runtime.enter();
    let recorder = Recorder::silent();
    let _here = recorder.install();
    recorder.begin();
    play();
    recorder.recording()
}

#[test]
fn a_lane_that_nobody_polls_is_kept_waiting_from_its_wake_to_its_next_poll() {
    let recording = neglected(|job| job);
    assert_eq!(unpolled(&recording), [(10.ms(), 51.ms())]);
}

#[test]
fn a_lane_that_nobody_polls_any_more_is_kept_waiting_until_it_is_dropped() {
    let recording = neglected(|job| async { drop(job) });
    assert_eq!(unpolled(&recording), [(10.ms(), 51.ms())]);
    let last = recording.events.last().map(|event| &event.what);
    assert_eq!(last, Some(&What::Ended(Ending::Dropped)));
}

#[test]
fn a_lane_that_is_polled_when_it_is_woken_is_not_kept_waiting() {
    let seen = virtual_time(Transcript::of(async {
        let job = async {
            sleep(10.ms()).await;
            yield_now().await;
            sleep(10.ms()).await;
        };
        join!(job.lane("job"), sleep(15.ms()));
        assert!(timeout(1.ms(), sleep(2.ms()).lane("dropped")).await.is_err());
    }));
    assert_eq!(unpolled(seen.recording()), []);
}

#[test]
fn a_wake_by_a_bare_thread_has_no_time_that_a_paused_clock_would_know() {
    let seen = virtual_time(Transcript::of(async {
        sleep(3600.secs()).await;
        let (tell, told) = oneshot::channel();
        let told = tokio::spawn(told.lane("told"));
        let telling = || thread::spawn(|| tell.send(())).join().expect("no panic");
        sleep(1.ms()).await;
        tokio::task::spawn_blocking(telling).await.unwrap().unwrap();
        told.await.unwrap().unwrap();
    }));
    assert_eq!(unpolled(seen.recording()), []);
}

#[test]
fn what_a_lane_does_while_it_is_dropped_is_no_time_in_which_nobody_polled_it() {
    struct Lingers;
    impl Drop for Lingers {
        fn drop(&mut self) {
            thread::sleep(5.ms());
            say!("is gone");
        }
    }
    let recording = by_hand(|| {
        let mut lingers = Lingers;
        let mut job = poll_fn(move |cx| {
            let _held = &mut lingers;
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        })
        .lane("job");
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut job).poll(&mut cx).is_pending());
        thread::sleep(2.ms());
    });
    let events = recording.events;
    let unpolled = events.iter().position(|it| matches!(it.what, What::Unpolled { .. }));
    let gone = events.iter().position(|it| matches!(it.what, What::Said(_)));
    assert!(unpolled.is_some() && unpolled < gone, "{events:?}");
}

#[test]
fn a_lane_that_is_woken_during_a_long_poll_is_kept_waiting_only_after_it() {
    let recording = by_hand(|| {
        let mut woken = false;
        let mut job = poll_fn(|cx| {
            if woken {
                return Poll::Ready(());
            }
            woken = true;
            cx.waker().wake_by_ref();
            thread::sleep(5.ms());
            say!("held the thread");
            Poll::Pending
        })
        .lane("job");
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut job).poll(&mut cx).is_pending());
        thread::sleep(5.ms());
        assert!(Pin::new(&mut job).poll(&mut cx).is_ready());
    });
    let said = recording.events.iter().find(|event| matches!(event.what, What::Said(_)));
    let [(since, _)] = unpolled(&recording)[..] else { panic!("{recording:?}") };
    assert!(since >= said.expect("a line").at, "{recording:?}");
}

#[test]
fn a_future_that_panics_while_it_is_dropped_ends_its_lane_as_panicked() {
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let seen = virtual_time(Transcript::of(async {
        let grenade = Grenade;
        let job = async move {
            let _grenade = grenade;
            sleep(2.ms()).await;
        };
        let dropping = timeout(1.ms(), job.lane("job"));
        assert!(tokio::spawn(dropping).await.is_err());
    }));
    assert_eq!(seen.ending("job"), Some(Ending::Panicked));
}

#[test]
fn a_lane_polled_while_its_thread_unwinds_is_not_taken_for_panicked() {
    struct Polls(Pin<Box<dyn Future<Output = ()> + Send>>);
    impl Drop for Polls {
        fn drop(&mut self) {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(self.0.as_mut().poll(&mut cx).is_pending());
        }
    }
    let seen = virtual_time(Transcript::of(async {
        let unwinding = async {
            let _polls = Polls(Box::pin(std::future::pending().lane("bystander")));
            panic!("on purpose");
        };
        assert!(tokio::spawn(unwinding).await.is_err());
    }));
    assert_eq!(seen.ending("bystander"), Some(Ending::Dropped));
}
