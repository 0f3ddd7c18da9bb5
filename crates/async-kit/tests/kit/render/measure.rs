//! A peak counts lanes, not steps, and only those that overlap in time.

use async_kit::{Lane, Millis, stage::record::Ending};
use tokio::{join, time::sleep};

use super::plays;

/// Three jobs get their permits in the instant in which three others give them back.
#[test]
fn a_step_that_begins_when_another_ends_does_not_overlap_it() {
    let recording = plays::recording(plays::semaphore(10, 3));
    assert_eq!(recording.peak("holding a permit"), 3, "{:#?}", recording.events);
    assert_eq!(recording.peak("idle"), 0);
}

/// ```text
///   0  10 20
/// a ███░░░✓
/// b ░░░███✓
/// ```
#[test]
fn a_lane_that_left_a_step_is_no_longer_counted() {
    let recording = plays::recording(async {
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
fn a_lane_inside_two_steps_of_one_label_counts_once() {
    let recording = plays::recording(async {
        let twice = async { sleep(10.ms()).step("busy").await }.step("busy");
        join!(twice.lane("a"), sleep(20.ms()).step("busy").lane("b"));
    });
    assert_eq!(recording.peak("busy"), 2, "{:#?}", recording.events);
}

#[test]
fn an_ending_is_that_of_the_first_lane_of_its_name() {
    let recording = plays::recording(plays::fates());
    assert_eq!(recording.ending("done"), Some(Ending::Done));
    assert_eq!(recording.ending("failed"), Some(Ending::Failed));
    assert_eq!(recording.ending("dropped"), Some(Ending::Dropped));
    assert_eq!(recording.ending("never polled"), Some(Ending::NeverPolled));
    assert_eq!(recording.ending("unfinished"), None);
    assert_eq!(recording.ending("nobody"), None);
}
