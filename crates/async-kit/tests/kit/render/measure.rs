//! A peak counts the lanes, not the steps, that are inside a step at the same time.

use async_kit::{Lane, Millis, stage::record::Ending};
use futures::future::poll_immediate;
use tokio::{join, time::sleep};

use super::programs;

/// Three jobs acquire their permits in the same instant in which three others release them.
#[test]
fn a_step_that_begins_when_another_ends_does_not_overlap_it() {
    let recording = programs::recording(programs::semaphore(10, 3));
    assert_eq!(recording.peak("holding a permit"), 3, "{:#?}", recording.events);
    assert_eq!(recording.peak("idle"), 0);
}

/// ```text
///   0  10 20
/// a ███░░░✓
/// b ░░░███✓
/// ```
#[test]
fn a_lane_is_not_counted_after_it_left_the_step() {
    let recording = programs::recording(async {
        let a = async {
            sleep(10.ms()).step("busy").await;
            sleep(10.ms()).await;
        };
        let b = async {
            sleep(11.ms()).await;
            sleep(9.ms()).step("busy").await;
        };
        join!(a.lane("a"), b.lane("b"));
    });
    assert_eq!(recording.peak("busy"), 1, "{:#?}", recording.events);
}

#[test]
fn a_lane_inside_two_steps_with_the_same_label_counts_once() {
    let recording = programs::recording(async {
        let twice = async { sleep(10.ms()).step("busy").await }.step("busy");
        join!(twice.lane("a"), sleep(20.ms()).step("busy").lane("b"));
    });
    assert_eq!(recording.peak("busy"), 2, "{:#?}", recording.events);
}

/// The step that the first lane began is still open while the second lane is in one.
#[test]
fn a_lane_that_has_ended_is_not_counted() {
    let recording = programs::recording(async {
        let mut open = Box::pin(sleep(20.ms()).step("busy"));
        async { poll_immediate(&mut open).await }.lane("a").await;
        sleep(10.ms()).step("busy").lane("b").await;
    });
    assert_eq!(recording.peak("busy"), 1, "{:#?}", recording.events);
}

#[test]
fn ending_returns_how_the_lane_of_that_name_ended() {
    let recording = programs::recording(programs::endings());
    assert_eq!(recording.ending("done"), Some(Ending::Done));
    assert_eq!(recording.ending("failed"), Some(Ending::Failed));
    assert_eq!(recording.ending("dropped"), Some(Ending::Dropped));
    assert_eq!(recording.ending("never polled"), Some(Ending::NeverPolled));
    assert_eq!(recording.ending("unfinished"), None);
    assert_eq!(recording.ending("no such lane"), None);
}
