//! The events of a recording are in order, even if several threads say lines.

use std::panic::Location;

use super::*;

#[test]
fn times_never_go_back_while_two_threads_say_lines() {
    let (recorder, here) = (Recorder::silent(), Location::caller());
    recorder.begin();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                (0..MAX_EVENTS / 2).for_each(|_| recorder.said(None, "", here.into()))
            });
        }
    });
    let recording = recorder.recording();
    let backwards = recording.events.windows(2).filter(|two| two[0].at > two[1].at);
    assert_eq!(backwards.count(), 0, "of {}", recording.events.len());
    assert!(recording.events.iter().all(|event| event.at <= recording.end));
}

#[test]
fn a_dropped_guard_restores_the_previous_recorder() {
    let (outer, inner) = (Recorder::silent(), Recorder::silent());
    let _here = outer.install();
    let guard = inner.install();
    assert!(outer.active().run() == inner.run());
    drop(guard);
    assert!(outer.active().run() == outer.run());
    assert!(Recorder::current().is_some_and(|it| it.run() == outer.run()));
}

#[test]
fn a_watched_run_counts_lanes_made_and_ended_and_knows_which_is_polled() {
    let recorder = Recorder::silent();
    recorder.watch();
    let [outer, inner] =
        ["outer", "inner"].map(|name| recorder.made(name.to_owned(), None));
    {
        let _outer = InLane::enter(&recorder, outer);
        {
            let _inner = InLane::enter(&recorder, inner);
            assert_eq!(recorder.polling(), Some(inner));
        }
        assert_eq!(recorder.polling(), Some(outer));
    }
    assert_eq!(recorder.polling(), None);
    recorder.happened(inner, What::Ended(Ending::Done));
    assert_eq!((recorder.progress().polls, recorder.progress().lane_changes), (2, 3));
}
