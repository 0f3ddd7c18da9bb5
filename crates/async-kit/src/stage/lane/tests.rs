//! A lane ends as its future does, and everything its future says is said in it.

use std::{
    pin::Pin,
    task::{Context, Waker},
};

use tokio::{
    join,
    task::yield_now,
    time::{sleep, timeout},
};

use super::*;
use crate::{
    Millis, Transcript, say,
    stage::{
        record::{Ending, Recorder},
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
