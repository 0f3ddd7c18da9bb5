//! A lane ends as its future does, and names every line that its future says.

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
    struct SaysDropped;
    impl Drop for SaysDropped {
        fn drop(&mut self) {
            say!("dropped");
        }
    }
    let seen = virtual_time(Transcript::of(async {
        let held = SaysDropped;
        let job = async move {
            sleep(2.ms()).await;
            drop(held);
        };
        assert!(timeout(1.ms(), job.lane("job")).await.is_err());
    }));
    seen.assert_lines(["[  0.001s] job dropped"]);
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
    // Read at 50 ms, during the run: the lane was polled again at 40 ms, for its sibling.
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

/// Each period from a wake to a late poll, or to a drop without a poll.
fn unpolled(recording: &Recording) -> Vec<(Duration, Duration)> {
    let period = |event: &Event| match event.what {
        What::Unpolled { since } => Some((since, event.at)),
        _ => None,
    };
    recording.events.iter().filter_map(period).collect()
}

/// Makes a lane that becomes ready at 10 ms, does not poll it until 51 ms, and then passes it to
/// `then`.
fn not_polled_until_51_ms<F>(then: fn(Laned<'static, ()>) -> F) -> Recording
where
    F: Future<Output = ()> + Send + 'static,
{
    let seen = virtual_time(Transcript::of(async move {
        let mut job = sleep(10.ms()).lane("job");
        assert!(timeout(1.ms(), &mut job).await.is_err());
        sleep(50.ms()).await;
        then(job).await;
    }));
    seen.recording().clone()
}

/// Records what `polls` does on a real clock. It runs inside a runtime, because a wake has a time
/// only there.
fn recorded_by_hand(polls: impl FnOnce()) -> Recording {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let _inside = runtime.enter();
    let recorder = Recorder::silent();
    let _here = recorder.install();
    recorder.begin();
    polls();
    recorder.recording()
}

#[test]
fn a_lane_that_is_polled_late_is_unpolled_from_its_wake_to_that_poll() {
    let recording = not_polled_until_51_ms(|job| job);
    assert_eq!(unpolled(&recording), [(10.ms(), 51.ms())]);
}

#[test]
fn a_lane_that_is_never_polled_again_is_unpolled_until_it_is_dropped() {
    let recording = not_polled_until_51_ms(|job| async { drop(job) });
    assert_eq!(unpolled(&recording), [(10.ms(), 51.ms())]);
    let last = recording.events.last().map(|event| &event.what);
    assert_eq!(last, Some(&What::Ended(Ending::Dropped)));
}

#[test]
fn a_lane_that_is_polled_when_it_is_woken_is_never_unpolled() {
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
fn a_wake_by_a_thread_without_a_runtime_has_no_time() {
    let seen = virtual_time(Transcript::of(async {
        sleep(3600.secs()).await;
        let (sender, receiver) = oneshot::channel();
        let receiver = tokio::spawn(receiver.lane("receiver"));
        let send = || thread::spawn(|| sender.send(())).join().expect("no panic");
        sleep(1.ms()).await;
        tokio::task::spawn_blocking(send).await.unwrap().unwrap();
        receiver.await.unwrap().unwrap();
    }));
    assert_eq!(unpolled(seen.recording()), []);
}

#[test]
fn the_unpolled_time_of_a_dropped_lane_ends_before_its_drop_runs() {
    struct SlowDrop;
    impl Drop for SlowDrop {
        fn drop(&mut self) {
            thread::sleep(5.ms());
            say!("dropped");
        }
    }
    let recording = recorded_by_hand(|| {
        let mut slow = SlowDrop;
        let mut job = poll_fn(move |cx| {
            let _held = &mut slow;
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
    let dropped = events.iter().position(|it| matches!(it.what, What::Said(_)));
    assert!(unpolled.is_some() && unpolled < dropped, "{events:?}");
}

#[test]
fn a_lane_that_is_woken_during_a_long_poll_is_unpolled_only_after_it() {
    let recording = recorded_by_hand(|| {
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
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let seen = virtual_time(Transcript::of(async {
        let held = PanicsWhenDropped;
        let job = async move {
            let _held = held;
            sleep(2.ms()).await;
        };
        let dropping = timeout(1.ms(), job.lane("job"));
        assert!(tokio::spawn(dropping).await.is_err());
    }));
    assert_eq!(seen.ending("job"), Some(Ending::Panicked));
}

#[test]
fn a_lane_polled_while_its_thread_unwinds_does_not_end_as_panicked() {
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
