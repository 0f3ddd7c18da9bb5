//! What another process has recorded is drawn in this run, at the times of this run's clock.

use std::{future::pending, num::NonZeroUsize, time::Duration};

use async_kit::{
    Lane, Millis, Transcript, say,
    stage::{
        Recording,
        record::{
            Clocks, Ending, Event, LaneId, MAX_EVENTS, Part, PartError, Recorder, What,
        },
        svg,
        timeline::{self, Style},
        trace,
    },
    virtual_time,
};
use proptest::{collection::vec, prelude::*};
use tokio::{
    join,
    time::{sleep, timeout},
};

use crate::render::any;

/// The clocks of both processes began at the same time.
const SAME: Clocks =
    Clocks { theirs: Duration::ZERO, ours: Duration::ZERO, within: Duration::ZERO };

const ALL: NonZeroUsize = NonZeroUsize::MAX;

fn recorder() -> Recorder {
    Recorder::current().expect("a run has a recorder")
}

/// What the program does with the recorder of its run.
fn recorded(program: impl Future<Output = ()> + Send + 'static) -> Recording {
    virtual_time(Transcript::of(program)).recording().clone()
}

fn drawn(recording: &Recording) -> String {
    timeline::render(recording, Style { width: 60, color: false })
}

fn names(recording: &Recording) -> Vec<&str> {
    recording.lanes.iter().map(|lane| lane.name.as_str()).collect()
}

/// It waits for 20 ms, and works for 40 ms.
async fn job() {
    sleep(20.ms()).await;
    say!("starts");
    sleep(40.ms()).step("working").await;
}

/// Another process records `job`, and is added 20 ms after the run has begun.
async fn with_a_worker(within: Duration) {
    let theirs = Recorder::silent();
    let own = sleep(100.ms()).step("working").lane("own");
    sleep(20.ms()).await;
    join!(own, theirs.record(async { job().lane("job").await }));
    let mut process = recorder().import("worker-1");
    let clocks = Clocks { theirs: 10.ms(), ours: 30.ms(), within };
    process.add(theirs.take_part(ALL), &clocks).expect("a part");
}

#[test]
fn the_lanes_of_another_process_are_drawn_at_the_times_of_this_run() {
    let picture = drawn(&recorded(with_a_worker(Duration::from_micros(101))));
    let wanted = "
                   0.00s             0.05s             0.10s
   own             ░░░░░░░█████████████████████████████✓
   worker-1 › job         ░░░░░░░●█████████████✓
   2 lanes · 0.10 s · at most 2 working
   times of worker-1 ± 0.2 ms
";
    assert_eq!(picture, wanted.trim_start_matches('\n'), "\n{picture}");
}

#[test]
fn every_picture_states_how_exact_the_times_of_other_processes_are() {
    let recording = recorded(async {
        for (process, within) in [("a", 1.ms()), ("b", 2.ms())] {
            let mut process = recorder().import(process);
            process.add(Part::default(), &Clocks { within, ..SAME }).expect("a part");
        }
    });
    let text = "times of 2 other processes ± 2.0 ms";
    assert!(drawn(&recording).contains(text), "{}", drawn(&recording));
    assert!(svg::render(&recording, "title").contains(text));
    let trace = trace::render(&[("section", &recording)]);
    assert!(trace.contains(&format!(r#""labels":"{text}""#)), "{trace}");
}

#[test]
fn the_times_become_less_exact_with_the_time_since_the_comparison() {
    let clocks = Clocks { theirs: 1.secs(), within: 1.ms(), ..SAME };
    assert_eq!(clocks.within_at(1.secs()), 1.ms());
    assert_eq!(clocks.within_at(11.secs()), Duration::from_micros(1_300));
    assert_eq!(clocks.within_at(0.secs()), Duration::from_micros(1_030));
}

#[test]
fn a_lane_continues_from_part_to_part_and_shares_no_row_with_its_namesake() {
    let recording = recorded(async {
        let theirs = Recorder::silent();
        let mut process = recorder().import("p");
        let jobs = async { join!(job().lane("job"), job().lane("job")) };
        let sends = async {
            for _ in 0..3 {
                sleep(30.ms()).await;
                process.add(theirs.take_part(ALL), &SAME).expect("a part");
            }
        };
        join!(theirs.record(jobs), sends);
    });
    assert_eq!(names(&recording), ["p › job", "p › job"]);
    assert_eq!(recording.peak("working"), 2);
    let picture = drawn(&recording);
    assert_eq!(picture.matches("●████").count(), 2, "{picture}");
    assert_eq!(picture.matches('✓').count(), 2, "{picture}");
}

#[test]
fn a_part_has_only_what_happened_since_the_part_before() {
    virtual_time(async {
        let theirs = Recorder::silent();
        theirs.record(async { say!("one") }.lane("a")).await;
        assert_eq!(theirs.take_part(ALL).lanes, [LaneId(0)]);
        theirs.record(async { say!("two") }.lane("b")).await;
        let part = theirs.take_part(ALL);
        assert_eq!((names(&part.recording), part.lanes), (vec!["b"], vec![LaneId(1)]));
        assert!(theirs.take_part(ALL).recording.events.is_empty());
    });
}

#[test]
fn a_process_with_many_events_sends_several_parts_and_none_twice() {
    let theirs = Recorder::silent();
    let here = theirs.install();
    (0..MAX_EVENTS + 3).for_each(|n| say!("{n}"));
    drop(here);
    let max = NonZeroUsize::new(MAX_EVENTS / 2).expect("not zero");
    let parts: Vec<_> = (0..3).map(|_| theirs.take_part(max).recording).collect();
    let counts = parts.iter().map(|part| (part.events.len(), part.lost));
    assert_eq!(counts.collect::<Vec<_>>(), [(max.get(), 0), (max.get(), 3), (0, 0)]);
    assert_eq!(parts[1].events[0].what, What::Said(max.to_string()));
}

#[test]
fn a_process_is_not_known_beyond_the_part_if_it_has_recorded_more() {
    virtual_time(async {
        let theirs = Recorder::silent();
        theirs.record(async { job().lane("job").await }).await;
        let known_to: Vec<_> = [1, 2, 9]
            .map(|max| theirs.take_part(NonZeroUsize::new(max).expect("max")))
            .iter()
            .map(|part| part.recording.end)
            .collect();
        assert_eq!(known_to, [0.ms(), 20.ms(), 60.ms()]);
    });
}

#[test]
fn steps_of_two_processes_with_the_same_number_end_apart() {
    let recording = recorded(async {
        let [mut a, mut b] = ["a", "b"].map(|name| recorder().import(name));
        for (process, took) in [(&mut a, 20.ms()), (&mut b, 40.ms())] {
            let theirs = Recorder::silent();
            theirs.record(sleep(took).step("working").lane("job")).await;
            process.add(theirs.take_part(ALL), &SAME).expect("a part");
        }
    });
    let ids: Vec<_> = recording
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::StepIn(id, _) => Some((id, true)),
            What::StepOut(id) => Some((id, false)),
            _ => None,
        })
        .collect();
    let [(a, true), (b, true), (first, false), (second, false)] = ids[..] else {
        panic!("{ids:?}")
    };
    assert!(a != b && (first, second) == (a, b), "{ids:?}");
}

/// A worker sends a part at 30 ms, and is killed at 50 ms. At 100 ms the run learns of it.
async fn with_a_killed_worker() {
    let theirs = Recorder::silent();
    let mut killed = recorder().import("killed");
    let jobs = async {
        join!(job().lane("busy"), pending::<()>().lane("idle"), async {}.lane("done"))
    };
    let killing = async {
        let _ = timeout(50.ms(), theirs.record(jobs)).await;
    };
    let sends = async {
        sleep(30.ms()).await;
        killed.add(theirs.take_part(ALL), &SAME).expect("a part");
    };
    join!(killing, sends, sleep(100.ms()).lane("own"));
    drop(killed);
}

#[test]
fn the_lanes_of_a_lost_process_end_where_it_was_last_known() {
    let recording = recorded(with_a_killed_worker());
    let endings = ["busy", "idle", "done"]
        .map(|lane| recording.ending(&format!("killed › {lane}")).expect(lane));
    assert_eq!(endings, [Ending::Dropped, Ending::Dropped, Ending::Done]);
    let dropped = |event: &&Event| event.what == What::Ended(Ending::Dropped);
    let times = recording.events.iter().filter(dropped).map(|event| event.at);
    assert_eq!(times.collect::<Vec<_>>(), [30.ms(); 2], "{}", drawn(&recording));
    assert_eq!(recording.ending("own"), Some(Ending::Done));
}

#[test]
fn a_process_is_known_until_its_last_part_even_if_nothing_happened() {
    let recording = recorded(async {
        let theirs = Recorder::silent();
        let mut process = recorder().import("p");
        let _ = timeout(10.ms(), theirs.record(pending::<()>().lane("idle"))).await;
        let part = theirs.take_part(ALL);
        let events = part.recording.events.into_iter();
        let alive =
            events.filter(|event| !matches!(event.what, What::Ended(_))).collect();
        let recording = Recording { events: alive, ..part.recording };
        process.add(Part { recording, ..part }, &SAME).expect("a part");
        sleep(20.ms()).await;
        process.add(theirs.take_part(ALL), &SAME).expect("an empty part");
        sleep(20.ms()).await;
        drop(process);
    });
    let last = recording.events.last().map(|event| (event.at, &event.what));
    assert_eq!(last, Some((30.ms(), &What::Ended(Ending::Dropped))));
}

/// A part with a lane, whose only event is this.
fn part(lane: usize) -> Part {
    let made =
        Event { at: 0.ms(), lane: Some(LaneId(lane)), what: What::Made, place: None };
    let recorder = Recorder::silent();
    let here = recorder.install();
    drop(pending::<()>().lane("lane"));
    drop(here);
    let part = recorder.take_part(ALL);
    Part { recording: Recording { events: vec![made], ..part.recording }, ..part }
}

#[test]
fn a_part_that_does_not_fit_together_is_refused_and_adds_nothing() {
    let few = Part { lanes: vec![], ..part(0) };
    let unknown = part(1);
    let mut empty = part(0);
    empty.recording.events.clear();
    let mut huge = part(0);
    let event = huge.recording.events[0].clone();
    huge.recording.events = vec![event; MAX_EVENTS + 1];
    let wrong = [
        (few, PartError::Numbers { lanes: 1, numbers: 0 }),
        (unknown, PartError::NoSuchLane { position: 1, lanes: 1 }),
        (empty, PartError::TooLarge { events: 0, lanes: 1 }),
        (huge, PartError::TooLarge { events: MAX_EVENTS + 1, lanes: 1 }),
    ];
    let recording = recorded(async {
        for (part, error) in wrong {
            assert_eq!(recorder().import("p").add(part, &SAME), Err(error), "{error}");
        }
    });
    assert_eq!((recording.lanes.len(), recording.processes.len()), (0, 0));
}

#[test]
fn a_part_that_comes_after_the_end_of_the_recording_is_ignored() {
    let recorder = Recorder::silent();
    recorder.freeze();
    recorder.import("late").add(part(0), &SAME).expect("a part");
    let recording = recorder.recording();
    assert_eq!((recording.lanes.len(), recording.processes.len()), (0, 0));
}

#[test]
fn a_stuck_run_does_not_wait_for_the_lanes_of_another_process() {
    let recorder = Recorder::silent();
    recorder.import("p").add(part(0), &SAME).expect("a part");
    assert_eq!(recorder.recording().lanes.len(), 1);
    assert!(recorder.unfinished().is_empty());
}

#[test]
fn events_beyond_the_limit_of_either_process_are_counted() {
    let theirs = Recorder::silent();
    let here = theirs.install();
    (0..MAX_EVENTS + 2).for_each(|_| say!("line"));
    drop(here);
    let ours = Recorder::silent();
    let mut process = ours.import("p");
    process.add(theirs.take_part(ALL), &SAME).expect("a part");
    process.add(part(0), &SAME).expect("a part");
    assert_eq!(ours.recording().lost, 2 + 1);
}

/// Any part that fits together, also one that no process could have recorded.
fn any_part() -> impl Strategy<Value = Part> {
    (any::recording(), vec(0..9_usize, 60)).prop_map(|(mut recording, numbers)| {
        recording.lanes.truncate(recording.events.len());
        let lanes = recording.lanes.len();
        for event in &mut recording.events {
            let position = event.lane.and_then(|lane| lane.0.checked_rem(lanes));
            event.lane = position.map(LaneId);
        }
        let lanes = numbers.into_iter().map(LaneId).take(lanes).collect();
        Part { recording, lanes }
    })
}

fn any_clocks() -> impl Strategy<Value = Clocks> {
    let time = || prop_oneof![0..99_u64, any::<u64>()].prop_map(Duration::from_millis);
    (time(), time(), time()).prop_map(|(theirs, ours, within)| Clocks {
        theirs,
        ours,
        within,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The question took `there` and the answer `back`, and their clock was `ahead`.
    #[test]
    fn the_error_of_a_round_trip_is_at_most_what_it_states(
        [ahead, received, took, there, back] in [0..100_000_u64, 100_000..200_000, 0..9_000, 0..50_000, 0..50_000],
        age in 0..1_000_000_u64,
    ) {
        let us = Duration::from_micros;
        let theirs = |ours| us(ours + ahead);
        let (asked, answered) = (received - there, received + took);
        let clocks = Clocks::of_round_trip(
            theirs(asked), us(received), us(answered), theirs(answered + back),
        );
        let error = clocks.ours_at(theirs(received + age)).abs_diff(us(received + age));
        prop_assert!(error <= clocks.within, "{error:?} with {clocks:?}");
        prop_assert!(clocks.within <= us((there + back).div_ceil(2)) + us(1));
        if there == back {
            prop_assert!(error <= us(1), "{error:?} with {clocks:?}");
        }
    }

    #[test]
    fn any_parts_leave_the_events_in_order_and_none_in_the_future(
        parts in vec((any_part(), any_clocks(), any::<bool>()), 0..4),
    ) {
        // Not a transcript, which refuses a run that lacks events.
        let recording = virtual_time(async {
            let ours = Recorder::silent();
            ours.record(async {
                let [mut a, mut b] = ["a", "b"].map(|name| ours.import(name));
                for (part, clocks, first) in parts {
                    say!("own");
                    let process = if first { &mut a } else { &mut b };
                    process.add(part, &clocks).expect("it fits together");
                    sleep(10.ms()).await;
                }
                drop(a);
            })
            .await;
            ours.freeze();
            ours.recording()
        });
        prop_assert!(recording.events.is_sorted_by_key(|event| event.at));
        prop_assert!(recording.events.iter().all(|event| event.at <= recording.end));
        drawn(&recording);
        svg::render(&recording, "any");
    }
}
